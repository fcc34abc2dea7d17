// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// patience is how long the cluster gets for anything. It is long on purpose: a loaded machine of two cores is slow, not wrong.
const patience = 8 * time.Minute

// image of the operator, loaded into the cluster; next is the same under another tag; root of the repository.
var image, next, root string

// kube is the client of the cluster.
var kube client.Client

func TestGitOps(t *testing.T) {
	if os.Getenv("JOURNEYMAN_GITOPS") == "" {
		t.Skip("GitOps tests need a cluster with the images of Flux loaded: run hack/test-gitops.sh (make test-gitops)")
	}
	image, next, root = os.Getenv("JOURNEYMAN_IMAGE"), os.Getenv("JOURNEYMAN_NEXT_IMAGE"), os.Getenv("JOURNEYMAN_ROOT")
	log.SetLogger(GinkgoLogr)
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(500 * time.Millisecond)
	RegisterFailHandler(Fail)
	RunSpecs(t, "GitOps on a cluster")
}

var _ = BeforeSuite(func() {
	scheme := runtime.NewScheme()
	Expect(clientgoscheme.AddToScheme(scheme)).To(Succeed())
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	config, err := ctrl.GetConfig()
	Expect(err).NotTo(HaveOccurred())
	config.QPS = -1
	kube, err = client.New(config, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
})

// run runs a program in a folder, and gives what it printed.
func run(ctx context.Context, dir, stdin, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	GinkgoWriter.Printf("$ %s %s\n%s%s\n", name, strings.Join(args, " "), out.String(), errs.String())
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), err
}

func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	out, err := run(ctx, root, "", "kubectl", args...)
	Expect(err).NotTo(HaveOccurred())
	return out
}

// report notes how long something took. Nothing is judged by it.
func report(what string, began time.Time) {
	AddReportEntry(fmt.Sprintf("%s: %.0f s", what, time.Since(began).Seconds()))
}
