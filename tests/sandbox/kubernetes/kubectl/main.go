// SPDX-License-Identifier: GPL-3.0-or-later

// kubectl alone, as its users have it: as a part of the one binary it would start everything else's packages with every call.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
)

func main() {
	os.Exit(cli.Run(cmd.NewDefaultKubectlCommand()))
}
