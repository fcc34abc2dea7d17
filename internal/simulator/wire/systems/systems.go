// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package systems encodes events of a simulated world as the systems of an omnichannel shop send them: Shopify's orders, Intercom's conversations,
// Typeform's answers, PostHog's captures, the messages and the exported files of tills. Nothing here is shared with the programs that read them.
package systems

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// post encodes a document, and returns the headers of a request with it.
func post(document any) ([]byte, http.Header, error) {
	body, err := json.Marshal(document)
	return body, http.Header{"Content-Type": {"application/json"}}, err
}

func sign(newHash func() hash.Hash, key string, body []byte) []byte {
	mac := hmac.New(newHash, []byte(key))
	mac.Write(body)
	return mac.Sum(nil)
}

// number returns the number by which a system knows what a text names here. It fits into a number of JavaScript.
func number(text string) int64 {
	sum := sha256.Sum256([]byte(text))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 12)
}

// uuid returns the id that a system gives to what a text names here.
func uuid(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x-%x-4%x-8%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])[:36]
}

func hexID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:12])
}

func seconds(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func milliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func property(e *world.Event, name string) any {
	for _, p := range e.Properties {
		if p.Key == name {
			return p.Value
		}
	}
	return nil
}
