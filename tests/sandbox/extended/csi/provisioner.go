// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	library "sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// provisioner turns claims into folders, in the place of the external provisioner.
type provisioner struct {
	name, node string
	folders    *folders
	objects    dynamic.Interface
}

func provision(ctx context.Context, o options, disk *folders) error {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	p := &provisioner{name: o.name, node: o.node, folders: disk, objects: objects}
	library.NewProvisionController(ctx, client, o.name, p, library.LeaderElection(false)).Run(ctx)
	return nil
}

func (p *provisioner) Provision(ctx context.Context, options library.ProvisionOptions) (*core.PersistentVolume, library.ProvisioningState, error) {
	source, err := p.source(ctx, options.PVC)
	if err != nil {
		return nil, library.ProvisioningFinished, err
	}
	if err := p.folders.create(ctx, volumes, options.PVName, source); err != nil {
		return nil, library.ProvisioningFinished, err
	}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: options.PVName},
		Spec: core.PersistentVolumeSpec{
			AccessModes:                   options.PVC.Spec.AccessModes,
			Capacity:                      options.PVC.Spec.Resources.Requests,
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			NodeAffinity:                  p.onlyHere(),
			PersistentVolumeSource: core.PersistentVolumeSource{
				CSI: &core.CSIPersistentVolumeSource{Driver: p.name, VolumeHandle: options.PVName},
			},
		},
	}, library.ProvisioningFinished, nil
}

// onlyHere keeps pods with such a volume on the node that has the folder.
func (p *provisioner) onlyHere() *core.VolumeNodeAffinity {
	here := core.NodeSelectorRequirement{Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{p.node}}
	term := core.NodeSelectorTerm{MatchExpressions: []core.NodeSelectorRequirement{here}}
	return &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{term}}}
}

// source is the folder that a claim's volume starts with: nothing, or a snapshot.
func (p *provisioner) source(ctx context.Context, claim *core.PersistentVolumeClaim) (string, error) {
	from := claim.Spec.DataSource
	if from == nil {
		return "", nil
	}
	if from.Kind != "VolumeSnapshot" {
		return "", fmt.Errorf("a volume can start from a VolumeSnapshot, not from a %s", from.Kind)
	}
	snapshot, err := p.object(ctx, "volumesnapshots", claim.Namespace, from.Name)
	if err != nil {
		return "", err
	}
	bound, _, err := unstructured.NestedString(snapshot.Object, "status", "boundVolumeSnapshotContentName")
	if err != nil || bound == "" {
		return "", fmt.Errorf("the snapshot %s is not bound yet", from.Name)
	}
	content, err := p.object(ctx, "volumesnapshotcontents", "", bound)
	if err != nil {
		return "", err
	}
	handle, _, err := unstructured.NestedString(content.Object, "status", "snapshotHandle")
	if err != nil || handle == "" {
		return "", fmt.Errorf("the snapshot %s is not taken yet", from.Name)
	}
	return p.folders.existing(snapshots, handle)
}

func (p *provisioner) object(ctx context.Context, resource, namespace, name string) (*unstructured.Unstructured, error) {
	kind := schema.GroupVersionResource{Group: "snapshot.storage.k8s.io", Version: "v1", Resource: resource}
	return p.objects.Resource(kind).Namespace(namespace).Get(ctx, name, meta.GetOptions{})
}

func (p *provisioner) Delete(_ context.Context, volume *core.PersistentVolume) error {
	return p.folders.remove(volumes, volume.Spec.CSI.VolumeHandle)
}
