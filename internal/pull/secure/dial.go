// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package secure

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// patience limits a connection with its handshake.
const patience = 5 * time.Second

// Connect connects to a host and port, by TLS if there are settings for it.
func Connect(ctx context.Context, dial pull.Dialer, address string, config *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := dial(ctx, "tcp", address)
	if err != nil || config == nil {
		return conn, err
	}
	if config.ServerName == "" {
		config = config.Clone()
		if config.ServerName, _, err = net.SplitHostPort(address); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secured, nil
}

// First calls connect with one address after the other, until it succeeds. If it never does, the error has those of all addresses.
func First(addresses []v1alpha1.BrokerAddress, connect func(address string) error) error {
	var failures []error
	for _, a := range addresses {
		err := connect(string(a))
		if err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", a, err))
	}
	return errors.Join(failures...)
}
