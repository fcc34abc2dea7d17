// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// CheckJSON refuses bodies that are not UTF-8, too deep, or have too many values.
func CheckJSON(body []byte) *reject.Rejection {
	err := value.CheckJSON(body, MaxDepth, MaxTokens)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, value.ErrDepth):
		return reject.New(reject.TooDeep, "", fmt.Sprintf("the body is nested more than %d levels deep", MaxDepth))
	case errors.Is(err, value.ErrTokens):
		return reject.New(reject.TooDeep, "", fmt.Sprintf("the body has more than %d values", MaxTokens))
	}
	return NotJSON("")
}

// NotJSON is the rejection of a document, or the named field, that is not JSON.
func NotJSON(field string) *reject.Rejection {
	return reject.New(reject.BadJSON, field, "not valid JSON in UTF-8")
}

// TooMany is the rejection of a request with too many events.
func TooMany() *reject.Rejection {
	return reject.New(reject.TooManyEvents, "", fmt.Sprintf("a request may contain at most %d events; send smaller batches", MaxEvents))
}

// MediaType returns the media type of a request without its parameters, in lower case, or an empty text. For an invalid header it returns its text.
func MediaType(r *Request) string {
	header := r.Header.Get("Content-Type")
	if header == "" {
		return ""
	}
	t, params, err := mime.ParseMediaType(header)
	if err != nil {
		return strings.ToLower(header)
	}
	if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") && !strings.EqualFold(c, "us-ascii") {
		return t + "; charset=" + c
	}
	return t
}

// Unsupported is the rejection that lists the accepted content types.
func Unsupported(expected string) *reject.Rejection {
	return reject.New(reject.UnsupportedMediaType, "Content-Type", "expected "+expected+", in UTF-8")
}

// NoSecret is the rejection while the Secret, or the key in it, does not exist.
func NoSecret(name string) *reject.Rejection {
	return reject.New(reject.SecretMissing, "", "the Secret with the "+name+" is missing or empty; no request is accepted until it exists")
}

// Matches compares the sender's secret with all secrets, in constant time. An empty secret matches nothing.
func Matches(secrets []string, shown string) bool {
	got := sha256.Sum256([]byte(shown))
	found := 0
	for _, s := range secrets {
		if s == "" {
			continue
		}
		want := sha256.Sum256([]byte(s))
		found |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return found == 1
}

// Bearer checks "Authorization: Bearer SECRET". If query is set, the token can also be the query parameter access_token.
func Bearer(r *Request, secrets []string, query bool) *reject.Rejection {
	if len(secrets) == 0 {
		return NoSecret("bearer token")
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		token = ""
		if query {
			token = r.Query.Get("access_token")
		}
		if token == "" {
			return reject.New(reject.BadToken, "Authorization", "no bearer token was sent")
		}
	}
	if !Matches(secrets, strings.TrimSpace(token)) {
		return reject.New(reject.BadToken, "Authorization", "the bearer token is wrong")
	}
	return nil
}

// ContentID identifies a document by its content, regardless of the order of its fields and of spaces: 128 bits of SHA-256 over the canonical form of
// the decoded document, in which numbers count by their value.
func ContentID(document any) (string, *reject.Rejection) {
	canonical, err := value.Canonical(document)
	if err != nil {
		return "", NotJSON("")
	}
	sum := sha256.Sum256(canonical)
	return "sha256:" + hex.EncodeToString(sum[:16]), nil
}

func trimSpace(b []byte) []byte { return bytes.Trim(b, " \t\r\n") }

// MethodNotAllowed is the response to a method that is not in the Allow header.
func MethodNotAllowed(allow string) *Reply {
	return &Reply{
		Status: http.StatusMethodNotAllowed,
		Header: http.Header{"Allow": {allow}, "Content-Type": {"application/json"}},
		Body:   []byte(`{"success":false,"error":"this endpoint takes ` + allow + `"}`),
	}
}

// NoBetterThan returns the reply with the status, if the reply would be a success and the status is not: senders do not repeat a request that succeeded.
func (r *Reply) NoBetterThan(status int) *Reply {
	if status < http.StatusBadRequest || r.Status >= http.StatusBadRequest {
		return r
	}
	return &Reply{Status: status, Header: r.Header, Body: r.Body}
}
