// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Command csi is a CSI driver for one node: a volume is a folder, a snapshot is a copy of it. It serves the kubelet and the
// external snapshotter over one socket, registers itself with the kubelet, and provisions claims.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

type options struct {
	name, node, data, kubelet, kubeconfig string
}

func parse() options {
	var o options
	flag.StringVar(&o.name, "name", "", "name of the driver, as StorageClass and VolumeSnapshotClass say it")
	flag.StringVar(&o.node, "node", "", "name of this node")
	flag.StringVar(&o.data, "data", "", "folder of the volumes and snapshots")
	flag.StringVar(&o.kubelet, "kubelet", "", "the kubelet's root folder")
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of the provisioner")
	flag.Parse()
	return o
}

// listen takes the place of a socket that an earlier process has left.
func listen(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return net.Listen("unix", path)
}

func serve(path string, register func(*grpc.Server)) (*grpc.Server, error) {
	listener, err := listen(path)
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer()
	register(server)
	go func() {
		if err := server.Serve(listener); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
	}()
	return server, nil
}

func run(ctx context.Context, o options) error {
	socket := filepath.Join(o.kubelet, "plugins", o.name, "csi.sock")
	disk := &folders{root: o.data}
	if err := disk.prepare(); err != nil {
		return err
	}
	driver, err := serve(socket, func(server *grpc.Server) {
		csi.RegisterIdentityServer(server, &identity{name: o.name})
		csi.RegisterControllerServer(server, &controller{folders: disk})
		csi.RegisterNodeServer(server, &node{folders: disk, id: o.node})
	})
	if err != nil {
		return err
	}
	defer driver.Stop()
	registrar, err := serve(filepath.Join(o.kubelet, "plugins_registry", o.name+"-reg.sock"), func(server *grpc.Server) {
		registration.RegisterRegistrationServer(server, &registrar{name: o.name, socket: socket})
	})
	if err != nil {
		return err
	}
	defer registrar.Stop()
	return provision(ctx, o, disk)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, parse()); err != nil {
		log.Fatal(err)
	}
}
