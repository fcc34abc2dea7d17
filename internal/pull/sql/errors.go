// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"context"
	"crypto/tls"
	db "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// errSlow is the cause of the error of a statement that the server ended.
var errSlow = errors.New("statement timeout")

func tooSlow() *pull.Error {
	return &pull.Error{
		Reason: pull.Misconfigured, Cause: errSlow,
		Message: "a statement took longer than spec.transport.sql.statementTimeout: create an index on versionColumn and keyColumns, in this order, or raise it",
	}
}

// explained returns an error in the words of users. Errors of servers can quote values of rows, so only what names tables and columns is repeated.
func (r *reader) explained(err error) error {
	var own *pull.Error
	if err == nil || errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	if known := r.engine.explain(err); known != nil {
		return known
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: certificate,
			Message: "the certificate of the server is not valid: set its authority in spec.transport.sql.tls, or its name in tls.serverName",
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &pull.Error{
			Reason: pull.Unreachable, Message: "the server does not answer: check spec.transport.sql.address and the network policies between them", Cause: err,
		}
	}
	var network net.Error
	if errors.As(err, &network) {
		return &pull.Error{
			Reason: pull.Unreachable, Message: "the server cannot be reached: check spec.transport.sql.address and the network policies between them", Cause: err,
		}
	}
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, db.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &pull.Error{Reason: pull.Unreachable, Message: "the server ended the connection", Cause: err}
	}
	return &pull.Error{Reason: pull.Failed, Message: fmt.Sprintf("reading the database failed with an error of the type %T; report it", err)}
}
