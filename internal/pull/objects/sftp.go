// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

const (
	sftpField = "spec.transport.files.from.sftp"
	// handshake limits the connection to a server.
	handshake = 20 * time.Second
)

// remote is a folder of an SFTP server. It is connected while there is something to read.
type remote struct {
	spec   *v1alpha1.SFTPFolder
	dial   pull.Dialer
	config ssh.ClientConfig
	conn   net.Conn
	client *sftp.Client
}

// newRemote reads the keys. A server is known by its key alone: there is no first use that is trusted.
func newRemote(spec *v1alpha1.SFTPFolder, s *pull.Settings) (*remote, error) {
	r := &remote{spec: spec, dial: s.Dial, config: ssh.ClientConfig{User: spec.Username, ClientVersion: "SSH-2.0-Journeyman"}}
	pinned := map[string]bool{}
	for _, line := range spec.HostKeys {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			return nil, &pull.Error{
				Reason: pull.Misconfigured, Cause: err,
				Message: sftpField + ".hostKeys has a key that is not one: copy a line of ssh-keyscan without the host",
			}
		}
		pinned[string(key.Marshal())] = true
		r.config.HostKeyAlgorithms = append(r.config.HostKeyAlgorithms, algorithms(key.Type())...)
	}
	r.config.HostKeyCallback = func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if pinned[string(key.Marshal())] {
			return nil
		}
		return &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf("the server has the host key %s, which is not in %s.hostKeys: "+
			"it is another server, or its key was changed; add the key if that is right", ssh.FingerprintSHA256(key), sftpField)}
	}
	if spec.PasswordSecretRef != nil {
		password := secure.Line(s.Files[podconfig.FilePassword])
		r.config.Auth = []ssh.AuthMethod{ssh.Password(password), ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = password
			}
			return answers, nil
		})}
		return r, nil
	}
	signer, err := ssh.ParsePrivateKey(s.Files[podconfig.FilePrivateKey])
	if err != nil {
		return nil, &pull.Error{
			Reason:  pull.Misconfigured,
			Message: "the Secret of " + sftpField + ".privateKeySecretRef has no private key in the format of OpenSSH or PEM without a passphrase",
		}
	}
	r.config.Auth = []ssh.AuthMethod{ssh.PublicKeys(signer)}
	return r, nil
}

// algorithms are those of a type of key. Signatures with SHA-1 are not accepted.
func algorithms(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

func (r *remote) name() string {
	return strings.Join([]string{"sftp", string(r.spec.Address), r.spec.Username, r.spec.Path}, "\x00")
}

// within calls f, and ends the connection if that takes too long, or ctx ends.
func (r *remote) within(ctx context.Context, limit time.Duration, f func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn := r.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err := f()
	if !stop() {
		return ctx.Err()
	}
	return err
}

func (r *remote) connect(ctx context.Context) error {
	if r.client != nil {
		return nil
	}
	var err error
	if r.conn, err = secure.Connect(ctx, r.dial, string(r.spec.Address), nil); err != nil {
		return err
	}
	err = r.within(ctx, handshake, func() error {
		conn, channels, requests, err := ssh.NewClientConn(r.conn, string(r.spec.Address), &r.config)
		if err != nil {
			return err
		}
		r.client, err = sftp.NewClient(ssh.NewClient(conn, channels, requests))
		if err != nil {
			return fmt.Errorf("%w: %w", errNoSFTP, err)
		}
		return nil
	})
	if err != nil {
		_ = r.conn.Close() // There is another error.
		r.client = nil
	}
	return err
}

// errNoSFTP: the server lets the user in, but not by SFTP.
var errNoSFTP = errors.New("no SFTP")

func (r *remote) list(ctx context.Context, take func(object) error) error {
	if err := r.connect(ctx); err != nil {
		return err
	}
	return r.walk(ctx, "", 0, take)
}

// walk lists a folder with those in it. Links are not followed.
func (r *remote) walk(ctx context.Context, folder string, depth int, take func(object) error) error {
	if depth > mostNested {
		return fmt.Errorf("%s: more than %d folders are in each other", folder, mostNested)
	}
	var entries []fs.FileInfo
	err := r.within(ctx, patience, func() (err error) {
		entries, err = r.client.ReadDirContext(ctx, r.at(folder))
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		switch {
		case e.IsDir() && !hidden(e.Name()):
			err = r.walk(ctx, name, depth+1, take)
		case e.Mode().IsRegular():
			err = take(newObject(name, versionOf(e), e.Size(), e.ModTime()))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// at is the path of a name on the server. Without a path, it is relative to the folder of the user.
func (r *remote) at(name string) string {
	if p := path.Join(r.spec.Path, name); p != "" {
		return p
	}
	return "."
}

func (r *remote) open(ctx context.Context, o *object) (content, error) {
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	c := &remoteFile{remote: r}
	err := r.within(ctx, patience, func() error {
		f, err := r.client.Open(r.at(o.name))
		if err != nil {
			return ofFile(err)
		}
		c.disk = diskFile{f: f, version: o.version}
		return c.disk.changed()
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (r *remote) rest() {
	if r.client != nil {
		_ = r.conn.Close() // It was only read.
		r.client = nil
	}
}

// remoteFile is a file of a server.
type remoteFile struct {
	*remote
	disk diskFile
}

func (f *remoteFile) fill(ctx context.Context, p []byte, offset int64) error {
	return f.within(ctx, patience, func() error { return f.disk.fill(ctx, p, offset) })
}

func (f *remoteFile) close(ctx context.Context, complete bool) error {
	return f.within(ctx, patience, func() error { return f.disk.close(ctx, complete) })
}

func (r *remote) explain(err error) error {
	var own *pull.Error
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return &pull.Error{
			Reason: pull.NotFound, Cause: err, Message: "the folder " + sftpField + ".path does not exist on the server: create it, or correct its path",
		}
	case errors.Is(err, errDenied), errors.Is(err, fs.ErrPermission):
		return &pull.Error{Reason: pull.Unauthorized, Cause: err, Message: "the user may not read a file or folder in " + sftpField + ".path: allow it on the server"}
	case errors.Is(err, errNoSFTP):
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: err, Message: "the server offers no SFTP to the user of " + sftpField + ": allow the subsystem sftp there",
		}
	case strings.Contains(err.Error(), "unable to authenticate"):
		return &pull.Error{
			Reason: pull.Unauthorized, Cause: err,
			Message: "the server refuses the user: compare " + sftpField + ".username, and its Secret, with the users of the server",
		}
	case strings.Contains(err.Error(), "no common algorithm for host key"):
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: err,
			Message: "the server has no key of a type that is in " + sftpField + ".hostKeys: it is another server, or its keys were changed",
		}
	}
	return explained(err, sftpField+".address")
}
