// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// erase asks the store in the same pod what an erasure would remove or, with --confirm, to remove it. It prints the plan or the receipt as JSON:
//
//	kubectl exec default-store-0 -- /store erase customerId=880011
//	kubectl exec default-store-0 -- /store erase --confirm DIGEST customerId=880011
//	kubectl exec default-store-0 -- /store erase --identity-only deviceId=tablet-3
//	kubectl exec default-store-0 -- /store erase --receipts
//
// Of identities that ingestion hashes, the store has only the hash. kubectl journey erase hashes them in a pod that has the pepper. With "-", erase
// reads the forms of one identity from stdin, as a JSON list of objects with type and value, so that audit logs do not contain them.
func erase(ctx context.Context, args []string, in io.Reader, out, say io.Writer) (err error) {
	command := newAdminCommand("erase", "[--identity-only] [--confirm DIGEST] TYPE=VALUE | - | --receipts")
	only := command.Bool("identity-only", false, "erase only this identity with its events, not the whole person")
	confirm := command.String("confirm", "", "digest of a plan: erase what that plan shows")
	receipts := command.Bool("receipts", false, "list past erasures")
	ids, err := command.forms(args, in, receipts)
	if err != nil {
		return err
	}
	c, err := command.connect()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	r := store.ErasureRequest{Identities: ids, IdentityOnly: *only, Digest: *confirm}
	answer := json.NewEncoder(out)
	switch {
	case *receipts:
		list, err := c.Receipts(ctx)
		return errors.Join(err, answer.Encode(list))
	case *confirm != "":
		receipt, err := c.EraseAsPlanned(ctx, r)
		if err != nil {
			return err
		}
		return answer.Encode(receipt)
	}
	plan, err := c.PlanErasure(ctx, r)
	if err != nil {
		return err
	}
	if len(plan.Identities) == 0 {
		return fmt.Errorf("nothing was erased: the store does not know this %s. %s", ids[0].Type, store.HashedHint)
	}
	_, err = fmt.Fprintf(say, "Nothing is erased yet. Identities to erase: %d, events: %d. To erase them: --confirm %s\n",
		len(plan.Identities), plan.Events, plan.Digest)
	return errors.Join(err, answer.Encode(plan))
}

// forms parses the flags and the identity, or reads its forms from stdin. With --receipts, there is none.
func (c *adminCommand) forms(args []string, in io.Reader, receipts *bool) ([]event.Identity, error) {
	if err := c.Parse(args); err != nil {
		return nil, err
	}
	if *receipts {
		return nil, nil
	}
	if c.NArg() > 0 && c.Arg(0) == "-" {
		var ids []event.Identity
		if err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&ids); err != nil || len(ids) == 0 {
			return nil, fmt.Errorf("stdin is not a JSON list of identities: %w", err)
		}
		return ids, nil
	}
	id, err := c.identity(args)
	return []event.Identity{id}, err
}
