// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package eventid gives events their ids, by one rule for all transports. An event has the id that its sender gave. Without one, an event
// whose time is its own is known by the content of its document, so that the document may be sent again. An event whose time is that of
// its receipt is new with each receipt: two equal documents are two events then, and so is a document that is sent again.
//
// A word for nothing, such as undefined or a UUID of zeros, is no id: all events that carry it would be one.
package eventid

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// Request gives the ids of one request. The zero value is ready to use. It is not safe for concurrent use.
type Request struct {
	// Words are those for nothing, next to the table that all know.
	Words *privacy.Placeholders

	// equal counts the documents so far by content.
	equal map[string]int
	// receipt names the request; empty until an event needs it. receipts counts the events that did.
	receipt  string
	receipts int
}

// Document is one document of a request.
type Document struct {
	request *Request
	given   string
	// isWord tells that the sender gave a word for nothing.
	isWord  bool
	hash    func() (string, *reject.Rejection)
	content string
}

// Document returns the next document of the request. given is the id by its sender, empty for none, which tells documents of one scope apart; hash
// gives that of its content, and is called once at most, when an event needs it.
func (r *Request) Document(scope, given string, hash func() (string, *reject.Rejection)) Document {
	d := Document{request: r, given: given, hash: hash}
	switch {
	case r.Words.Has("", given):
		d.given, d.isWord = "", true
	case scope != "" && given != "":
		d.given = scope + "|" + given
	}
	return d
}

// How says how an event got its id.
type How struct {
	// Received tells that the id stands for the receipt alone.
	Received bool
	// Word tells that a word for nothing stood in the place of the id.
	Word bool
}

// Set fills in the id of an event of the document whose time and its source are known, unless a rule has given one. place tells apart
// the events that one document gives; it is negative when there is but one.
func (d *Document) Set(e *event.Event, place int) (how How, _ *reject.Rejection) {
	mark := ""
	if place >= 0 {
		mark = "#" + strconv.Itoa(place)
	}
	how.Word = d.request.Words.Has("", strings.TrimSuffix(e.ID, mark))
	if e.ID != "" && !how.Word {
		return how, nil
	}
	how.Word = how.Word || d.isWord
	switch {
	case d.given != "":
		e.ID = d.given
	case e.TimeSource == event.TimeFromReceipt:
		e.ID, how.Received = d.request.next(), true
		return how, nil
	default:
		if r := d.known(); r != nil {
			return how, r
		}
		e.ID = d.content
	}
	e.ID += mark
	return how, nil
}

// known finds out the content, and the ordinal of the document among equal ones of the request.
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

// next returns an id that no other receipt has.
func (r *Request) next() string {
	if r.receipt == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // it never fails: the program ends instead
		r.receipt = "receipt:" + hex.EncodeToString(b[:])
	}
	r.receipts++
	return r.receipt + "." + strconv.Itoa(r.receipts)
}
