// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// server is Git's own HTTP server, at an address that pods can reach.
type server struct{ dir, url string }

func serveGit(ctx context.Context) *server {
	GinkgoHelper()
	tools, _, err := suite.Command(ctx, "", "git", "--exec-path")
	Expect(err).NotTo(HaveOccurred())
	s := &server{dir: GinkgoT().TempDir()}
	node := suite.Kubectl(ctx, "get", "nodes", "-o", `jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}`)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(node, "0"))
	Expect(err).NotTo(HaveOccurred())
	web := &http.Server{ReadHeaderTimeout: time.Minute, Handler: &cgi.Handler{
		Path:   filepath.Join(strings.TrimSpace(tools), "git-http-backend"),
		Env:    []string{"GIT_PROJECT_ROOT=" + s.dir, "GIT_HTTP_EXPORT_ALL=1"},
		Stderr: GinkgoWriter,
	}}
	go func() { _ = web.Serve(listener) }()
	DeferCleanup(web.Close)
	s.url = "http://" + listener.Addr().String()
	return s
}

// repository is a checkout that pushes to the server.
type repository struct{ dir string }

func (s *server) create(ctx context.Context, name string) *repository {
	GinkgoHelper()
	r := &repository{dir: GinkgoT().TempDir()}
	bare := filepath.Join(s.dir, name+".git")
	r.git(ctx, "init", "--quiet", "--bare", "--initial-branch=main", bare)
	r.git(ctx, "clone", "--quiet", bare, ".")
	r.git(ctx, "checkout", "--quiet", "-B", "main")
	return r
}

func (r *repository) git(ctx context.Context, args ...string) string {
	GinkgoHelper()
	out, _, err := suite.CommandIn(ctx, r.dir, "", "git", append([]string{"-c", "user.name=shop", "-c", "user.email=shop@example.com"}, args...)...)
	Expect(err).NotTo(HaveOccurred())
	return strings.TrimSpace(out)
}

// push commits all changes, and returns the hash of the commit.
func (r *repository) push(ctx context.Context, why string) string {
	GinkgoHelper()
	r.git(ctx, "add", "--all")
	r.git(ctx, "commit", "--quiet", "--message", why)
	r.git(ctx, "push", "--quiet", "origin", "main", "--tags")
	return r.git(ctx, "rev-parse", "HEAD")
}

func (r *repository) write(file, text string) {
	GinkgoHelper()
	path := filepath.Join(r.dir, file)
	Expect(os.MkdirAll(filepath.Dir(path), 0o750)).To(Succeed())
	Expect(os.WriteFile(path, []byte(text), 0o600)).To(Succeed())
}

// edit replaces a text in a file. The file must contain it.
func (r *repository) edit(file, old, replacement string) {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(r.dir, file))
	Expect(err).NotTo(HaveOccurred())
	Expect(string(text)).To(ContainSubstring(old))
	r.write(file, strings.ReplaceAll(string(text), old, replacement))
}

// add copies a folder of this repository.
func (r *repository) add(from, to string) {
	GinkgoHelper()
	Expect(os.CopyFS(filepath.Join(r.dir, to), os.DirFS(filepath.Join(root, from)))).To(Succeed())
}
