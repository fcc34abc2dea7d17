// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// explained returns an error of any place in the words of users. field is the place in the spec.
func explained(err error, field string) error {
	var own *pull.Error
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	var reason, message string
	switch {
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrUnauthorized):
		reason, message = pull.StoreUnavailable, "the store is not available, so the position is unknown; nothing is read"
	case errors.As(err, &certificate):
		reason, message = pull.Misconfigured, "the certificate of the server is not valid: set the authority in "+field+".tls, or the name in tls.serverName"
	case errors.As(err, &network), errors.Is(err, context.DeadlineExceeded):
		reason, message = pull.Unreachable, "the server cannot be reached, or does not answer: check "+field+" and the network policies between them"
	default:
		reason, message = pull.Failed, fmt.Sprintf("reading the files failed: %v", err)
	}
	return &pull.Error{Reason: reason, Message: message, Cause: err}
}
