// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// Root is the folder of the repository. The scripts in hack/ set it for the suites that need a cluster.
func Root() string { return os.Getenv("JOURNEYMAN_ROOT") }

// Image is the operator's image, loaded into the cluster, and NextImage the same programs under another name.
func Image() string { return os.Getenv("JOURNEYMAN_IMAGE") }

// NextImage is the image that an upgrade installs.
func NextImage() string { return os.Getenv("JOURNEYMAN_NEXT_IMAGE") }

// Command runs a program in the repository's root, as a user would. Its output is shown if the spec fails.
func Command(ctx context.Context, stdin, name string, args ...string) (stdout, stderr string, err error) {
	return CommandIn(ctx, Root(), stdin, name, args...)
}

// CommandIn is Command in another folder.
func CommandIn(ctx context.Context, dir, stdin, name string, args ...string) (stdout, stderr string, err error) {
	//nolint:gosec // the programs that specs name
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	ginkgo.GinkgoWriter.Printf("$ %s %s\n%s%s\n", name, strings.Join(args, " "), out.String(), errs.String())
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), errs.String(), err
}

// Kubectl runs the cluster's kubectl, requires success, and returns its standard output.
func Kubectl(ctx context.Context, args ...string) string {
	ginkgo.GinkgoHelper()
	out, err := TryKubectl(ctx, args...)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return out
}

// TryKubectl is Kubectl without requiring success.
func TryKubectl(ctx context.Context, args ...string) (string, error) {
	return TryKubectlInput(ctx, "", args...)
}

// TryKubectlInput is TryKubectl with standard input.
func TryKubectlInput(ctx context.Context, stdin string, args ...string) (string, error) {
	out, _, err := Command(ctx, stdin, "kubectl", args...)
	return out, err
}

// Helm runs the repository's helm, requires success, and returns its whole output.
func Helm(ctx context.Context, args ...string) string {
	ginkgo.GinkgoHelper()
	out, err := TryHelm(ctx, args...)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return out
}

// TryHelm is Helm without requiring success.
func TryHelm(ctx context.Context, args ...string) (string, error) {
	out, errs, err := Command(ctx, "", filepath.Join(Root(), "bin/helm"), args...)
	return out + errs, err
}
