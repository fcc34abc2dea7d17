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

// split asks the store that runs in the same pod to take an identity out of its person, and prints the proof as JSON, and in words to say:
//
//	kubectl exec default-store-0 -- /store split deviceId=tablet-3
//	kubectl exec default-store-0 -- /store split customerId=880012 --from customerId=880011
//	kubectl exec default-store-0 -- /store split --shared deviceId=kiosk-1
//	kubectl exec default-store-0 -- /store split --undo deviceId=tablet-3
//
// Identities that ingestion hashes are named by their hash.
func split(ctx context.Context, args []string, out, say io.Writer) error {
	command := newAdminCommand("split", "[--from TYPE=VALUE | --shared] [--undo] TYPE=VALUE")
	from := command.String("from", "", "the identity of whom it must not be (default: everybody that it is known with)")
	shared := command.Bool("shared", false, "the identity is of many people: it joins nobody any more, whoever comes")
	undo := command.Bool("undo", false, "take such a split back")
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

// inWords says what a split did.
func inWords(r *store.SplitRequest, p *store.Parted) string {
	who := r.Identity.Type + "=" + r.Identity.Value
	whom := "everybody that it was known with"
	if r.From != nil {
		whom = r.From.Type + "=" + r.From.Value
	}
	var what string
	switch {
	case p.Pairs+p.Shared == 0 && r.Undo:
		return fmt.Sprintf("nothing to undo: no split keeps %s apart from %s", who, whom)
	case p.Shared == 0 && r.Shared && !r.Undo:
		return fmt.Sprintf("nothing to do: %s joins nobody already", who)
	case p.Pairs+p.Shared == 0:
		return fmt.Sprintf("nothing to do: %s is apart from %s already", who, whom)
	case r.Undo && p.Shared > 0:
		what = fmt.Sprintf("%s may join others again", who)
	case r.Undo:
		what = fmt.Sprintf("%s is no longer kept apart from %s", who, whom)
	case p.Shared > 0:
		what = fmt.Sprintf("%s joins nobody any more", who)
	default:
		what = fmt.Sprintf("%s is kept apart from %s", who, whom)
	}
	if p.VersionBefore == p.IdentityVersion {
		return what + "; nobody's person has changed"
	}
	return fmt.Sprintf("%s. Events whose person is another one now: %d, of identities: %d. Persons of those concerned: %d. Identity version: %d, was %d",
		what, p.Events, p.Identities, p.Persons, p.IdentityVersion, p.VersionBefore)
}
