// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package netpol

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

// busybox is an image with a shell that the one-node cluster has.
const busybox = "kit.local/busybox:1.35"

// image of the operator, loaded into the cluster, and root of the repository.
var image, root string

func TestNetworkPolicies(t *testing.T) {
	if os.Getenv("JOURNEYMAN_NETPOL") == "" {
		t.Skip("tests of network policies need a cluster that enforces them: hack/test-e2e.sh starts hack/netpol/up.sh where the kernel can")
	}
	image, root = os.Getenv("JOURNEYMAN_IMAGE"), os.Getenv("JOURNEYMAN_ROOT")
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(time.Second)
	RegisterFailHandler(Fail)
	RunSpecs(t, "Network policies, enforced")
}

// run runs a program as a user would, and gives what it printed.
func run(ctx context.Context, stdin, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin = root, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	GinkgoWriter.Printf("$ %s %s\n%s%s\n", name, strings.Join(args, " "), out.String(), errs.String())
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String() + errs.String(), err
}

func must(ctx context.Context, name string, args ...string) string {
	GinkgoHelper()
	out, err := run(ctx, "", name, args...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	return must(ctx, "kubectl", args...)
}

func helm(ctx context.Context, args ...string) string {
	GinkgoHelper()
	return must(ctx, filepath.Join(root, "bin/helm"), args...)
}

// team makes a namespace, and takes it away in the end.
func team(ctx context.Context) string {
	GinkgoHelper()
	name := "netpol-" + rand.String(6)
	kubectl(ctx, "create", "namespace", name)
	DeferCleanup(func(ctx context.Context) {
		_, _ = run(ctx, "", "kubectl", "-n", name, "delete", "mr,jm,tps,es,pvc", "--all", "--wait=false")
		_, _ = run(ctx, "", "kubectl", "delete", "namespace", name, "--wait=false")
	})
	return name
}

// pod starts one that does nothing, with labels of ours to choose it by.
func pod(ctx context.Context, namespace, name string) {
	GinkgoHelper()
	kubectl(ctx, "-n", namespace, "run", name, "--image="+busybox, "--labels=app="+name, "--command", "--", "sleep", "3600")
	kubectl(ctx, "-n", namespace, "wait", "pod/"+name, "--for=condition=Ready", "--timeout=240s")
}

// reaches says whether a pod opens a connection. With -e, nc runs a program as soon as it is connected.
func reaches(ctx context.Context, namespace, from, host string, port int) bool {
	_, err := run(ctx, "", "kubectl", "-n", namespace, "exec", from, "--", "timeout", "8", "nc", "-w", "5", host, fmt.Sprint(port), "-e", "true")
	return err == nil
}

// diagnose prints what a person would look at first, when a spec has failed.
func diagnose(ctx context.Context, namespace string) {
	if !CurrentSpecReport().Failed() {
		return
	}
	for _, args := range [][]string{
		{"-n", namespace, "get", "es,tps,jm,mr,deploy,sts,jobs,pods,netpol", "-o", "wide"},
		{"-n", namespace, "get", "events", "--sort-by=.lastTimestamp"},
		{"-n", namespace, "logs", "-l", "app.kubernetes.io/name=journeyman", "--tail=40", "--prefix", "--all-containers", "--max-log-requests=30"},
		{"-n", "kube-system", "logs", "deployment/kube-network-policies", "--tail=40"},
	} {
		_, _ = run(ctx, "", "kubectl", args...)
	}
}
