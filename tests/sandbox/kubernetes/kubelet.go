// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"

	"github.com/spf13/cobra"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// The kubelet's constructor takes a context; every other component's does not.
func newKubelet() *cobra.Command {
	return kubelet.NewKubeletCommand(context.Background())
}
