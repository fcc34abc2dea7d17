// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wire is the HTTP form of the store's contract, shared by server and client: paths, headers, errors, and the encoding of a batch.
// docs/store-protocol.md describes it.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Paths of protocol version 1.
const (
	PathAppend  = "/v1/append"
	PathCursors = "/v1/cursors"
	PathReport  = "/v1/report"
	PathScan    = "/v1/scan"
	PathState   = "/v1/state"
	PathResults = "/v1/results"
	// PathPins pins a snapshot by POST, and ends a pin by DELETE with its id.
	PathPins  = "/v1/pins"
	PathErase = "/v1/erase"
	PathSplit = "/v1/split"
	// PathErasures plans an erasure by POST to PathErasures + "/plan", carries one out by POST, and lists receipts by GET.
	PathErasures = "/v1/erasures"
	PathRetain   = "/v1/retain"
	// PathRemovals plans a removal by POST to PathRemovals + "/plan", and carries one out by POST.
	PathRemovals = "/v1/removals"
	// PathLoads begins a load by POST, returns its progress by GET, and drops it by DELETE with its id. Parts are sent by POST to PathLoads + "/parts", and
	// committed by POST to PathLoads + "/commit".
	PathLoads = "/v1/loads"
)

// Headers and trailers.
const (
	// HeaderProtocol is the protocol version of the sender, in both directions.
	HeaderProtocol = "Journeyman-Protocol"
	// HeaderLoadSecret is the secret of the load that a call begins or changes. It is a header because addresses are often logged.
	HeaderLoadSecret = "Journeyman-Load-Secret"
	// HeaderSnapshot of a scan is a store.Snapshot as JSON.
	HeaderSnapshot = "Journeyman-Snapshot"
	// TrailerStats of a scan is a store.ScanStats as JSON. It exists only if the scan is complete.
	TrailerStats = "Journeyman-Scan-Stats"
	// TrailerChecksum of a complete scan is the xxh3 of its stream, in hexadecimal.
	TrailerChecksum = "Journeyman-Scan-Checksum"
	// TrailerError of a scan that failed is an Error as JSON.
	TrailerError = "Journeyman-Scan-Error"
	// ArrowStream is the media type of batches and scans.
	ArrowStream = "application/vnd.apache.arrow.stream"
)

// Checksum returns the value of TrailerChecksum for the hash of a stream.
func Checksum(stream hash.Hash64) string { return fmt.Sprintf("%016x", stream.Sum64()) }

// MinProtocol is the oldest version that this program supports: the one before its own, from 1 on.
const MinProtocol = max(1, store.ProtocolVersion-1)

// Error is the body of every error response.
type Error struct {
	// Message for people.
	Message string `json:"error"`
	// Code for programs.
	Code string `json:"code"`
	// Refused events of an append that was "crowded" or "held": a bit for each event of the batch, starting with the lowest bit of the first byte.
	Refused []byte `json:"refused,omitempty"`
}

// CodeProtocol means that the versions of client and server are too far apart.
const CodeProtocol = "protocol"

// codes are the errors of the contract with their status and code.
var codes = []struct {
	err    error
	status int
	code   string
}{
	{store.ErrInvalid, http.StatusBadRequest, "invalid"},
	{store.ErrUnauthorized, http.StatusUnauthorized, "unauthorized"},
	{store.ErrSnapshotGone, http.StatusGone, "snapshot-gone"},
	{store.ErrLoadGone, http.StatusGone, "load-gone"},
	{store.ErrCursorMoved, http.StatusConflict, "cursor-moved"},
	{store.ErrCrowded, http.StatusServiceUnavailable, "crowded"},
	{store.ErrFull, http.StatusInsufficientStorage, "full"},
	{store.ErrHeld, http.StatusServiceUnavailable, "held"},
	{store.ErrUnavailable, http.StatusServiceUnavailable, "unavailable"},
}

// StatusOf returns status and body for an error. An error outside the contract counts as unavailable.
func StatusOf(err error) (int, Error) {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.status, Error{Message: err.Error(), Code: c.code, Refused: refusedBits(err)}
		}
	}
	return http.StatusServiceUnavailable, Error{Message: err.Error(), Code: "unavailable"}
}

// ErrorOf returns the error of the contract for an error response. A body that is not from a store, such as that of a proxy, is evaluated by the status.
func ErrorOf(status int, body []byte) error {
	var e Error
	if json.Unmarshal(body, &e) != nil || e.Code == "" {
		e = Error{Message: fmt.Sprintf("status %d: %.200s", status, body)}
	}
	return e.Err(status)
}

// Err returns the error of the contract.
func (e Error) Err(status int) error {
	for _, c := range codes {
		if e.Code == c.code || e.Code == "" && status == c.status && !onlyOfStores(c.err) {
			why := strings.TrimPrefix(e.Message, c.err.Error()+": ")
			if errors.Is(c.err, store.ErrCrowded) {
				return &store.CrowdedError{Refused: placesOf(e.Refused), Why: why}
			}
			if errors.Is(c.err, store.ErrHeld) {
				return &store.HeldError{Held: placesOf(e.Refused), Why: why}
			}
			return fmt.Errorf("%w: %s", c.err, why)
		}
	}
	if e.Code == CodeProtocol || status >= 400 && status < 500 && status != http.StatusTooManyRequests {
		return fmt.Errorf("%w: %s", store.ErrInvalid, e.Message)
	}
	return fmt.Errorf("%w: %s", store.ErrUnavailable, e.Message)
}

// onlyOfStores reports whether only a store returns an error, with its code, and not a proxy with the same status.
func onlyOfStores(err error) bool {
	return errors.Is(err, store.ErrCrowded) || errors.Is(err, store.ErrLoadGone) || errors.Is(err, store.ErrHeld)
}

// refusedBits returns the events in a CrowdedError or HeldError, or nil for another error.
func refusedBits(err error) []byte {
	refused, _ := store.RefusedEvents(err)
	if len(refused) == 0 {
		return nil
	}
	bits := make([]byte, slices.Max(refused)/8+1)
	for _, place := range refused {
		bits[place/8] |= 1 << (place % 8)
	}
	return bits
}

func placesOf(bits []byte) (places []int32) {
	for i := range int32(len(bits) * 8) {
		if bits[i/8]&(1<<(i%8)) != 0 {
			places = append(places, i)
		}
	}
	return places
}

// EraseRequest is a request to erase the person of an identity, or only the identity.
type EraseRequest struct {
	event.Identity
	// IdentityOnly keeps the person's other identities and their events.
	IdentityOnly bool `json:"identityOnly,omitempty"`
}

// RetainRequest is a request to remove the events before an instant.
type RetainRequest struct {
	// Before, in microseconds.
	Before int64 `json:"before"`
}

// PinRequest is a request to pin the latest snapshot, or to extend a pin.
type PinRequest struct {
	ID string `json:"id"`
	// TTL in microseconds.
	TTL int64 `json:"ttl"`
}

// CursorsAnswer lists the cursors of a pull source.
type CursorsAnswer struct {
	Cursors store.Cursors `json:"cursors"`
}
