// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// User of an API server. The administrator impersonates it, so every process of a suite can be any user. Authorization and admission only see the user.
type User struct {
	// Config is the user's configuration for the API server.
	Config *rest.Config
}

// As returns a user with a name and groups. The user of a service account has its groups.
func As(admin *rest.Config, name string, groups ...string) *User {
	config := rest.CopyConfig(admin)
	config.Impersonate = rest.ImpersonationConfig{UserName: name, Groups: groups}
	return &User{Config: config}
}

// Kubeconfig writes a kubeconfig of the user, and returns its path. It is deleted after the spec.
func (u *User) Kubeconfig() string {
	ginkgo.GinkgoHelper()
	c := api.NewConfig()
	c.Clusters["suite"] = &api.Cluster{Server: u.Config.Host, CertificateAuthorityData: u.Config.CAData}
	c.AuthInfos["suite"] = &api.AuthInfo{
		ClientCertificateData: u.Config.CertData, ClientKeyData: u.Config.KeyData,
		Impersonate: u.Config.Impersonate.UserName, ImpersonateGroups: u.Config.Impersonate.Groups,
	}
	c.Contexts["suite"] = &api.Context{Cluster: "suite", AuthInfo: "suite"}
	c.CurrentContext = "suite"
	file := filepath.Join(ginkgo.GinkgoT().TempDir(), "kubeconfig")
	gomega.Expect(clientcmd.WriteToFile(*c, file)).To(gomega.Succeed())
	return file
}

// Kubectl runs the API server's kubectl as the user, and returns its whole output.
func (u *User) Kubectl(ctx context.Context, args ...string) (string, error) {
	ginkgo.GinkgoHelper()
	return u.KubectlInput(ctx, "", args...)
}

// KubectlInput is Kubectl with standard input.
func (u *User) KubectlInput(ctx context.Context, stdin string, args ...string) (string, error) {
	ginkgo.GinkgoHelper()
	file := u.Kubeconfig()
	//nolint:gosec // the kubectl of the API server, with what specs say
	cmd := exec.CommandContext(ctx, KubectlPath(), append([]string{"--kubeconfig", file}, args...)...)
	cmd.Env = append(os.Environ(), "KUBECACHEDIR="+filepath.Dir(file))
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}
