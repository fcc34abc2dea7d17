// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"github.com/journeyman-dev/journeyman/internal/pull"
)

// answer is what users can do about an error of a server, and whether its text, which names tables and columns and no values, is repeated.
type answer struct {
	reason, message string
	repeat          bool
}

var (
	mariaUser = answer{
		pull.Unauthorized, "the server refuses the user: compare spec.transport.sql.auth, its Secrets and tls with the users of the server", false,
	}
	mariaGrant = answer{
		pull.Unauthorized, "the user may not read: GRANT SELECT on spec.transport.sql.table, or on the tables of query, to the user of auth", true,
	}
	mariaBusy    = answer{pull.Unreachable, "the server has no resources for another connection: raise max_connections there, or close some", false}
	mariaAway    = answer{pull.Unreachable, "the server is stopping or starting", false}
	mariaCompute = answer{pull.Failed, "the database cannot compute a value of a row, or of the position: correct the row or spec.transport.sql.query", false}
	mariaQuery   = answer{pull.Misconfigured, "the server does not understand the statement: correct spec.transport.sql.query, which is one SELECT", true}
)

// mariaErrors by number.
var mariaErrors = map[uint16]answer{
	1045: mariaUser, 1130: mariaUser, 1251: mariaUser, 1698: mariaUser,
	1044: mariaGrant, 1142: mariaGrant, 1143: mariaGrant,
	1040: mariaBusy, 1203: mariaBusy, 1226: mariaBusy,
	1053: mariaAway, 1317: mariaAway, 1927: mariaAway,
	1264: mariaCompute, 1365: mariaCompute, 1690: mariaCompute,
	1049: {pull.NotFound, "the database of spec.transport.sql.database does not exist: create it, or correct its name", false},
	1146: {pull.NotFound, "a table does not exist: correct spec.transport.sql.table or query, or create it", true},
	1054: {pull.Misconfigured, "a column does not exist: correct spec.transport.sql.columns or query", true},
	1060: {pull.Misconfigured, "spec.transport.sql.query returns two columns with the same name: give one of them another name with AS", true},
	1064: mariaQuery, 1149: mariaQuery,
	1792: {pull.Misconfigured, "spec.transport.sql.query writes: it runs in a read-only transaction", false},
}

func (mariaEngine) explain(err error) *pull.Error {
	var server *mysql.MySQLError
	const statementTimeout = 1969
	switch {
	case errors.Is(err, mysql.ErrNoTLS):
		return &pull.Error{
			Reason: pull.Misconfigured, Cause: err,
			Message: "the server does not offer TLS: configure it there, or set spec.transport.sql.unencrypted",
		}
	case errors.Is(err, mysql.ErrInvalidConn):
		return &pull.Error{Reason: pull.Unreachable, Message: "the server ended the connection", Cause: err}
	case errors.Is(err, mysql.ErrUnknownPlugin), errors.Is(err, mysql.ErrCleartextPassword), errors.Is(err, mysql.ErrOldPassword):
		return &pull.Error{
			Reason: pull.Unauthorized, Cause: err,
			Message: "the server asks for a way to authenticate that is not supported: use mysql_native_password or ed25519 for the user of spec.transport.sql.auth",
		}
	case !errors.As(err, &server):
		return nil
	case server.Number == statementTimeout:
		return tooSlow()
	}
	known, ok := mariaErrors[server.Number]
	if !ok {
		known = answer{pull.Failed, "the server answers with an error: look it up in its log", false}
		if state := string(server.SQLState[:2]); state == "42" {
			known = mariaQuery
		}
	}
	if known.repeat {
		known.message += ". The server says: " + server.Message
	}
	return &pull.Error{Reason: known.reason, Message: known.message, Cause: fmt.Errorf("error %d, SQLSTATE %s", server.Number, server.SQLState)}
}
