// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// erase asks the store that runs in the same pod to erase a person, or one identity alone, and prints the proof as JSON:
//
//	kubectl exec default-store-0 -- /store erase customerId=880011
//	kubectl exec default-store-0 -- /store erase --identity-only customerId=880011
//
// Identities that ingestion hashes are stored by their hash alone: name the person by another one.
func erase(ctx context.Context, args []string, out, say io.Writer) error {
	command := newAdminCommand("erase", "[--identity-only] TYPE=VALUE")
	only := command.Bool("identity-only", false, "erase this identity and the events that belong to it; what it joined falls back to what remains")
	id, err := command.identity(args)
	if err != nil {
		return err
	}
	c, err := command.connect()
	if err != nil {
		return err
	}
	call := c.Erase
	if *only {
		call = c.EraseIdentity
	}
	erased, err := call(ctx, id)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	if erased.Identities == 0 {
		_, err = fmt.Fprintf(say, "the store does not know this %s; it is refused from now on. %s\n", id.Type, store.HashedHint)
	}
	return errors.Join(err, json.NewEncoder(out).Encode(erased), c.Close())
}
