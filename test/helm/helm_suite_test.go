// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/rand"
)

// patience is how long the cluster gets for anything. It is long on purpose: a loaded machine of two cores is slow, not wrong.
const patience = 4 * time.Minute

// image of the operator, loaded into the cluster; next is the same under another tag; root of the repository.
var image, next, root string

func TestHelm(t *testing.T) {
	if os.Getenv("JOURNEYMAN_E2E") == "" {
		t.Skip("tests of the chart need a cluster with the image loaded: run hack/test-e2e.sh (make test-e2e)")
	}
	image, next, root = os.Getenv("JOURNEYMAN_IMAGE"), os.Getenv("JOURNEYMAN_NEXT_IMAGE"), os.Getenv("JOURNEYMAN_ROOT")
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(500 * time.Millisecond)
	RegisterFailHandler(Fail)
	RunSpecs(t, "The chart on a cluster")
}

// run runs a program as a user would, and gives what it printed.
func run(ctx context.Context, stdin, name string, args ...string) (string, error) {
	out, _, err := runBoth(ctx, stdin, name, args...)
	return out, err
}

// runBoth gives what it printed on either way.
func runBoth(ctx context.Context, stdin, name string, args ...string) (stdout, stderr string, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin = root, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	GinkgoWriter.Printf("$ %s %s\n%s%s\n", name, strings.Join(args, " "), out.String(), errs.String())
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), errs.String(), err
}

func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	out, err := run(ctx, "", "kubectl", args...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

func helm(ctx context.Context, args ...string) string {
	GinkgoHelper()
	out, err := tryHelm(ctx, args...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

// tryHelm gives both outputs: what a hook's pod has logged is on the second.
func tryHelm(ctx context.Context, args ...string) (string, error) {
	out, errs, err := runBoth(ctx, "", filepath.Join(root, "bin/helm"), args...)
	return out + errs, err
}

// ofImage are the flags that name an image.
func ofImage(name string) []string {
	repository, tag, _ := strings.Cut(name, ":")
	return []string{"--set", "image.repository=" + repository, "--set", "image.tag=" + tag}
}

// team makes a namespace under the restricted profile, and takes it away after the specs of the container.
func team(ctx context.Context) string {
	GinkgoHelper()
	name := "helm-" + rand.String(6)
	kubectl(ctx, "create", "namespace", name)
	kubectl(ctx, "label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
	DeferCleanup(func(ctx context.Context) {
		if os.Getenv("JOURNEYMAN_E2E_KEEP") != "" {
			return
		}
		_, _ = run(ctx, "", "kubectl", "-n", name, "delete", "mr,jm,tps,es,pvc", "--all", "--wait=false")
		_, _ = run(ctx, "", "kubectl", "delete", "namespace", name, "--wait=false")
	})
	return name
}

// diagnose prints what a person would look at first, when a spec has failed.
func diagnose(ctx context.Context, namespace string) {
	if !CurrentSpecReport().Failed() {
		return
	}
	for _, args := range [][]string{
		{"get", "es,tps,jm,mr,deploy,sts,jobs,pods,pvc", "-o", "wide"},
		{"get", "events", "--sort-by=.lastTimestamp"},
		{"logs", "-l", "app.kubernetes.io/name=journeyman", "--tail=40", "--prefix", "--all-containers", "--max-log-requests=30"},
	} {
		_, _ = run(ctx, "", "kubectl", append([]string{"-n", namespace}, args...)...)
	}
}

// jsonpath reads a field.
func jsonpath(ctx context.Context, namespace, what, path string) (string, error) {
	return run(ctx, "", "kubectl", "-n", namespace, "get", what, "-o", "jsonpath="+path)
}
