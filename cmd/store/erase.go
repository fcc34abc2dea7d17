// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

var errEraseUsage = errors.New("usage: store erase TYPE=VALUE, such as customerId=880011")

// erase asks the store that runs in the same pod to erase a person, and prints the proof as JSON:
//
//	kubectl exec default-store-0 -- /store erase customerId=880011
//
// Identities that ingestion hashes are stored by their hash alone: name the person by another one.
func erase(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("store erase", flag.ContinueOnError)
	address := f.String("address", fmt.Sprintf("127.0.0.1:%d", config.StorePort), "host:port of the store")
	dir := f.String("server-dir", config.StoreServerDir, "folder with certificate and keys")
	if err := f.Parse(args); err != nil {
		return err
	}
	typ, value, ok := strings.Cut(f.Arg(0), "=")
	if f.NArg() != 1 || !ok || typ == "" || value == "" {
		return errEraseUsage
	}
	// The store's own certificate is next to its keys: trusting exactly that one needs no authority.
	cert := filepath.Join(*dir, config.TLSCertFile)
	name, err := serverName(cert)
	if err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(*address); err != nil {
		return fmt.Errorf("--address %q: %w", *address, err)
	}
	c, err := client.New(client.Options{
		URL: "https://" + *address, KeyFile: filepath.Join(*dir, config.AdminKey), CAFile: cert, ServerName: name,
	})
	if err != nil {
		return err
	}
	erased, err := c.Erase(ctx, event.Identity{Type: typ, Value: value})
	if err != nil {
		return errors.Join(err, c.Close())
	}
	return errors.Join(json.NewEncoder(out).Encode(erased), c.Close())
}

// serverName gives the first host name of the certificate in the file.
func serverName(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", fmt.Errorf("%s holds no certificate", file)
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
