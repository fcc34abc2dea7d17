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

// split asks the store in the same pod to remove an identity from its person. It prints the proof as JSON, and a summary in words:
//
//	kubectl exec default-store-0 -- /store split deviceId=tablet-3
//	kubectl exec default-store-0 -- /store split customerId=880012 --from customerId=880011
//	kubectl exec default-store-0 -- /store split --shared deviceId=kiosk-1
//	kubectl exec default-store-0 -- /store split --undo deviceId=tablet-3
//
// Identities that ingestion hashes are given by their hash.
func split(ctx context.Context, args []string, out, say io.Writer) error {
	command := newAdminCommand("split", "[--from TYPE=VALUE | --shared] [--undo] TYPE=VALUE")
	from := command.String("from", "", "split it from this identity (default: from all that it is linked with)")
	shared := command.Bool("shared", false, "many people share the identity: it links nobody any more, now and later")
	undo := command.Bool("undo", false, "undo such a split")
	id, err := command.identity(args)
	if err != nil {
		return err
	}
	r := store.SplitRequest{Identity: id, Shared: *shared, Undo: *undo}
	if *from != "" {
		other, err := parseIdentity(*from)
		if err != nil {
			return fmt.Errorf("--from %w", err)
		}
		r.From = &other
	}
	c, err := command.connect()
	if err != nil {
		return err
	}
	parted, err := c.Split(ctx, r)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	_, err = fmt.Fprintln(say, inWords(&r, &parted))
	return errors.Join(err, json.NewEncoder(out).Encode(parted), c.Close())
}

// inWords describes the result of a split.
func inWords(r *store.SplitRequest, p *store.Parted) string {
	who := r.Identity.Type + "=" + r.Identity.Value
	whom := "all that it was linked with"
	if r.From != nil {
		whom = r.From.Type + "=" + r.From.Value
	}
	var what string
	switch {
	case p.Pairs+p.Shared == 0 && r.Undo:
		return fmt.Sprintf("nothing to undo: %s is not split from %s", who, whom)
	case p.Shared == 0 && r.Shared && !r.Undo:
		return fmt.Sprintf("nothing to do: %s already links nobody", who)
	case p.Pairs+p.Shared == 0:
		return fmt.Sprintf("nothing to do: %s is already split from %s", who, whom)
	case r.Undo && p.Shared > 0:
		what = fmt.Sprintf("%s may link others again", who)
	case r.Undo:
		what = fmt.Sprintf("%s is no longer split from %s", who, whom)
	case p.Shared > 0:
		what = fmt.Sprintf("%s links nobody any more", who)
	default:
		what = fmt.Sprintf("%s is split from %s", who, whom)
	}
	if p.VersionBefore == p.IdentityVersion {
		return what + "; no person has changed"
	}
	return fmt.Sprintf("%s. Events that moved to another person: %d, identities: %d. Persons concerned: %d. Identity version: %d, before: %d",
		what, p.Events, p.Identities, p.Persons, p.IdentityVersion, p.VersionBefore)
}
