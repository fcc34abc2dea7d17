// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

// errIdentity shows the format of an identity.
var errIdentity = errors.New("write an identity as TYPE=VALUE, such as customerId=880011")

// parseIdentity parses TYPE=VALUE.
func parseIdentity(text string) (event.Identity, error) {
	typ, value, ok := strings.Cut(text, "=")
	if !ok || typ == "" || value == "" {
		return event.Identity{}, fmt.Errorf("%q: %w", text, errIdentity)
	}
	return event.Identity{Type: typ, Value: value}, nil
}

// adminCommand is a command that calls the store in the same pod.
type adminCommand struct {
	*flag.FlagSet
	usage        string
	address, dir *string
}

func newAdminCommand(name, usage string) *adminCommand {
	f := flag.NewFlagSet("store "+name, flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: store", name, usage)
		f.PrintDefaults()
	}
	return &adminCommand{
		FlagSet: f, usage: "usage: store " + name + " " + usage,
		address: f.String("address", fmt.Sprintf("127.0.0.1:%d", podconfig.StoreAdminPort), "host:port of the store's admin API"),
		dir:     f.String("server-dir", podconfig.StoreServerDir, "folder with certificate and keys"),
	}
}

// identity parses the flags, which can come before and after the one identity.
func (c *adminCommand) identity(args []string) (event.Identity, error) {
	if err := c.Parse(args); err != nil {
		return event.Identity{}, err
	}
	if c.NArg() == 0 {
		return event.Identity{}, errors.New(c.usage)
	}
	text := c.Arg(0)
	if err := c.Parse(c.Args()[1:]); err != nil {
		return event.Identity{}, err
	}
	if c.NArg() > 0 {
		return event.Identity{}, errors.New(c.usage)
	}
	return parseIdentity(text)
}

// connect returns a client of the store.
func (c *adminCommand) connect() (*client.Client, error) {
	// The certificate of the store is in the same folder as its keys. The client trusts exactly this certificate, so it needs no CA.
	cert := filepath.Join(*c.dir, podconfig.TLSCertFile)
	name, err := serverName(cert)
	if err != nil {
		return nil, err
	}
	if _, _, err := net.SplitHostPort(*c.address); err != nil {
		return nil, fmt.Errorf("--address %q: %w", *c.address, err)
	}
	return client.New(client.Options{
		URL: "https://" + *c.address, KeyFile: filepath.Join(*c.dir, podconfig.AdminKey), CAFile: cert, ServerName: name,
	})
}

// serverName returns the first host name of the certificate in the file.
func serverName(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", fmt.Errorf("%s contains no certificate", file)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	if len(cert.DNSNames) == 0 {
		return "", fmt.Errorf("%s names no host", file)
	}
	return cert.DNSNames[0], nil
}
