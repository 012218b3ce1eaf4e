// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// folders keeps volumes and snapshots side by side. Every folder comes into being under another name and is then renamed, so that
// a copy that was cut off is never taken for a whole one.
type folders struct{ root string }

const volumes, snapshots, unfinished = "volumes", "snapshots", "unfinished"

func (f *folders) prepare() error {
	if err := os.RemoveAll(filepath.Join(f.root, unfinished)); err != nil {
		return err
	}
	for _, kind := range []string{volumes, snapshots, unfinished} {
		if err := os.MkdirAll(filepath.Join(f.root, kind), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (f *folders) path(kind, id string) (string, error) {
	if id == "" || id == "." || id == ".." || strings.ContainsRune(id, filepath.Separator) {
		return "", fmt.Errorf("%q cannot be the name of a folder", id)
	}
	return filepath.Join(f.root, kind, id), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// create makes a folder with the content of another, or an empty one that every user may write to; one that exists stays as it is.
func (f *folders) create(ctx context.Context, kind, id, source string) error {
	target, err := f.path(kind, id)
	if err != nil || exists(target) {
		return err
	}
	work, err := os.MkdirTemp(filepath.Join(f.root, unfinished), id+"-")
	if err != nil {
		return err
	}
	if err := os.Chmod(work, 0o777); err != nil {
		return err
	}
	if source != "" {
		command := exec.CommandContext(ctx, "cp", "--archive", "--reflink=auto", source+"/.", work)
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("copy of %s: %w: %s", source, err, output)
		}
	}
	// The time of the snapshot, which a copy would otherwise take over from its source.
	now := time.Now()
	if err := os.Chtimes(work, now, now); err != nil {
		return err
	}
	if err := os.Rename(work, target); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (f *folders) remove(kind, id string) error {
	path, err := f.path(kind, id)
	if err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// existing is the path of a folder that must be there.
func (f *folders) existing(kind, id string) (string, error) {
	path, err := f.path(kind, id)
	if err == nil && !exists(path) {
		err = fmt.Errorf("there is no %q among the %s", id, kind)
	}
	return path, err
}
