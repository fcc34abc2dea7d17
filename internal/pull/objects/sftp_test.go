// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/sshd"
)

// drop is a folder of an SFTP server. Files are written as a shelf does.
type drop struct {
	*shelf
	server *sshd.Server
}

func newDrop(t *testing.T) *drop {
	t.Helper()
	d := &drop{shelf: newShelf(t), server: sshd.Start(t)}
	d.from.Volume = nil
	d.from.SFTP = &v1alpha1.SFTPFolder{
		Address: v1alpha1.BrokerAddress(d.server.Address), HostKeys: []string{d.server.HostKey}, Username: d.server.User,
		PrivateKeySecretRef: &v1alpha1.SecretKeyReference{Name: "sftp"}, Path: d.dir + "/tills",
	}
	return d
}

func (d *drop) Files() map[string][]byte {
	return map[string][]byte{podconfig.FilePrivateKey: d.server.PrivateKey}
}

// remoteDrop hides that a shelf is local.
type remoteDrop struct{ pulltest.System }

func (d remoteDrop) Files() map[string][]byte { return d.System.(*drop).Files() }

func TestSFTP(t *testing.T) {
	pulltest.Run(t, func(t *testing.T) pulltest.System { return remoteDrop{newDrop(t)} })
}

// Errors name the field to correct. A server with another key is never trusted.
func TestServersThatCannotBeRead(t *testing.T) {
	d := newDrop(t)
	d.Write(t, pulltest.Documents(0, 3)...)
	good := *d.from.SFTP
	other := sshd.Start(t)
	for name, c := range map[string]struct {
		change  func(s *v1alpha1.SFTPFolder)
		key     []byte
		reason  string
		message string
	}{
		"host key": {func(s *v1alpha1.SFTPFolder) { s.HostKeys = []string{other.HostKey} }, d.server.PrivateKey, pull.Misconfigured, "which is not in spec.transport.files.from.sftp.hostKeys"},
		"no key":   {func(s *v1alpha1.SFTPFolder) { s.HostKeys = []string{"ssh-ed25519 AAAAAAAAAAAAAAAAAAAA"} }, d.server.PrivateKey, pull.Misconfigured, "hostKeys"},
		"user":     {func(*v1alpha1.SFTPFolder) {}, other.PrivateKey, pull.Unauthorized, "sftp.username"},
		"private":  {func(*v1alpha1.SFTPFolder) {}, []byte("x"), pull.Misconfigured, "sftp.privateKeySecretRef"},
		"path":     {func(s *v1alpha1.SFTPFolder) { s.Path = "/nowhere" }, d.server.PrivateKey, pull.NotFound, "sftp.path"},
		"address":  {func(s *v1alpha1.SFTPFolder) { s.Address = "127.0.0.1:1" }, d.server.PrivateKey, pull.Unreachable, "sftp.address"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := *good.DeepCopy()
			c.change(&changed)
			d.from.SFTP = &changed
			p := pulltest.NewPod(t, d)
			p.Files = map[string][]byte{podconfig.FilePrivateKey: c.key}
			defer p.Run()()
			require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
			problem := p.Runner.State().Problem
			require.Equal(t, c.reason, problem.Reason, problem.Message)
			require.True(t, strings.Contains(problem.Message, c.message), problem.Message)
		})
	}
}
