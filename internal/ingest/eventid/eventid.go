// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package eventid assigns ids to events, by one rule for all transports. An event has the id that its sender sent. Without one, an event with a
// time of its own is identified by the content of its document, so that the document can be sent again. An event whose time is that of its
// receipt is new with each receipt: two equal documents are two events, and so is a document that is sent again.
//
// A placeholder, such as undefined or a UUID of zeros, is not an id, because all events with it would be one.
package eventid

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Request assigns the ids of one request. The zero value is ready to use. It is not safe for concurrent use.
type Request struct {
	// Words are the placeholders in addition to the built-in ones.
	Words *privacy.Placeholders

	// equal counts the documents so far by content.
	equal map[string]int
	// receipt identifies the request; empty until an event needs it. receipts counts those events.
	receipt  string
	receipts int
}

// Document is one document of a request.
type Document struct {
	request *Request
	given   string
	// isWord is set if the sender sent a placeholder.
	isWord  bool
	hash    func() (string, *reject.Rejection)
	content string
}

// Document returns the next document of the request, with the sender's id of the candidate in its scope. The hash of its content is computed at most
// once, when an event needs it.
func (r *Request) Document(c *transport.Candidate) Document {
	d := Document{request: r, given: c.ID, hash: c.ContentID}
	switch {
	case r.Words.Has("", c.ID):
		d.given, d.isWord = c.Place, true
	case c.ID == "":
		d.given = c.Place
	case len(c.Within) > 0:
		d.given = Within(c.ID, c.Within)
	case c.Scope != "":
		d.given = c.Scope + "|" + c.ID
	}
	return d
}

// Within returns the id of an event whose sender's id is only unique within something: 128 bits of SHA-256 over both. An id that contained a person's
// identifier would change with the pepper, and could be too long.
func Within(id string, within []string) string {
	// The length separates the parts: "ab", "c" are not "a", "bc".
	all := append(strconv.AppendInt(nil, int64(len(id)), 10), ":"+id...)
	for _, part := range within {
		all = append(strconv.AppendInt(all, int64(len(part)), 10), ":"+part...)
	}
	sum := sha256.Sum256(all)
	return "id:" + hex.EncodeToString(sum[:16])
}

// From is the origin of an id.
type From string

// Origins of ids, in the order in which they are tried.
const (
	FromRule    From = "rule"
	FromSender  From = "sender"
	FromContent From = "content"
	FromReceipt From = "receipt"
)

// How describes how an event got its id.
type How struct {
	// From is the origin of the id.
	From From
	// Received is set if the id is derived from the receipt.
	Received bool
	// Word is set if the id was a placeholder.
	Word bool
}

// Set sets the id of an event of the document whose time and its source are known, unless a rule has set one. place distinguishes the events of one
// document; it is negative if there is only one.
func (d *Document) Set(e *event.Event, place int) (how How, _ *reject.Rejection) {
	mark := ""
	if place >= 0 {
		mark = "#" + strconv.Itoa(place)
	}
	how.Word = d.request.Words.Has("", strings.TrimSuffix(e.ID, mark))
	if e.ID != "" && !how.Word {
		how.From = FromRule
		return how, nil
	}
	how.Word = how.Word || d.isWord
	switch {
	case d.given != "":
		e.ID, how.From = d.given, FromSender
	case e.TimeSource == event.TimeFromReceipt:
		e.ID, how.From, how.Received = d.request.next(), FromReceipt, true
		return how, nil
	default:
		if r := d.known(); r != nil {
			return how, r
		}
		e.ID, how.From = d.content, FromContent
	}
	e.ID += mark
	return how, nil
}

// known computes the content, and the ordinal of the document among equal ones of the request.
func (d *Document) known() *reject.Rejection {
	if d.content != "" {
		return nil
	}
	content, rejection := d.hash()
	if rejection != nil {
		return rejection
	}
	r := d.request
	if r.equal == nil {
		r.equal = map[string]int{}
	}
	r.equal[content]++
	if n := r.equal[content]; n > 1 {
		content += "~" + strconv.Itoa(n)
	}
	d.content = content
	return nil
}

// next returns a globally unique id.
func (r *Request) next() string {
	if r.receipt == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // it never fails: the program would crash instead
		r.receipt = "receipt:" + hex.EncodeToString(b[:])
	}
	r.receipts++
	return r.receipt + "." + strconv.Itoa(r.receipts)
}
