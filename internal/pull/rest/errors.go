// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/pull"
)

// misconfigured is an error that lasts until somebody changes the settings, or the API.
func misconfigured(format string, args ...any) *pull.Error {
	return &pull.Error{Reason: pull.Misconfigured, Message: fmt.Sprintf(format, args...)}
}

// explained returns an error in the words of users.
func explained(err error) error {
	var failed *httpapi.Error
	if !errors.As(err, &failed) {
		return err
	}
	e := &pull.Error{Reason: pull.Failed, Message: failed.Message}
	switch failed.Reason {
	case httpapi.Unreachable, httpapi.Unavailable, httpapi.RateLimited:
		e.Reason = pull.Unreachable
		if fix := untrusted(failed); fix != "" {
			e.Reason, e.Message = pull.Misconfigured, e.Message+"; "+fix
		}
	case httpapi.Unauthorized:
		e.Reason = pull.Unauthorized
		e.Message += " (" + field + ".secretRef, credentials)"
	case httpapi.NotFound:
		e.Reason = pull.NotFound
		e.Message += " (" + field + ".url)"
	case httpapi.Redirected:
		e.Reason = pull.Misconfigured
		e.Message += " (" + field + ".url)"
	case httpapi.Misconfigured:
		e.Reason = pull.Misconfigured
	case httpapi.TooLarge:
		e.Reason = pull.Misconfigured
		e.Message = strings.TrimSuffix(failed.Message, "; ask for less in one request") +
			": ask for smaller pages in " + field + ".query, or set incremental.time.window"
	}
	return e
}

// untrusted returns what to do if one side does not accept the certificate of the other; empty if that is not the cause.
func untrusted(err error) string {
	var theirs *tls.CertificateVerificationError
	if errors.As(err, &theirs) {
		return "set the authority in " + field + ".tls, or the name in tls.serverName"
	}
	// crypto/tls reports the alerts of the other side like this.
	var ours *net.OpError
	if errors.As(err, &ours) && ours.Op == "remote error" {
		return "the API does not accept the certificate of the pods, or wants one: compare " + field + ".tls.certificateSecretRef with what the API accepts"
	}
	return ""
}
