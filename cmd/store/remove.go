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

// remove asks the store in the same pod what a removal would remove or, with --confirm, to remove it. It prints the plan or the result as JSON:
//
//	kubectl exec default-store-0 -- /store remove --source tills --import 2026-03.csv
//	kubectl exec default-store-0 -- /store remove --source tills --import 2026-03.csv --confirm 4711
//	kubectl exec default-store-0 -- /store remove --source shop --generations-before 4
//	kubectl exec default-store-0 -- /store remove --source shop --from 2026-03-01 --to 2026-03-02
func remove(ctx context.Context, args []string, out, say io.Writer) (err error) {
	command := newAdminCommand("remove", "--source SOURCE (--import ID | --from TIME --to TIME | --generation N | --generations-before N) [--confirm SEQ]")
	var f store.RemovalFlags
	for name, into := range map[string]*string{"source": &f.Source, "import": &f.Import, "from": &f.From, "to": &f.To, "uid": &f.UID} {
		command.StringVar(into, name, "", store.RemovalUsages[name])
	}
	command.Int64Var(&f.Generation, "generation", 0, store.RemovalUsages["generation"])
	command.Int64Var(&f.Before, "generations-before", 0, store.RemovalUsages["generations-before"])
	confirm := command.Int64("confirm", 0, "seq of a plan: remove what that plan counts")
	if err := command.Parse(args); err != nil {
		return err
	}
	if command.NArg() > 0 {
		return errors.New(command.usage)
	}
	r, err := f.Request()
	if err != nil {
		return err
	}
	c, err := command.connect()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	r.Through = *confirm
	if *confirm > 0 {
		removed, err := c.Remove(ctx, r)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(removed)
	}
	plan, err := c.PlanRemoval(ctx, r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(say, "Nothing is removed yet. Events to remove: %d, of %d persons. To remove them: --confirm %d\n",
		plan.Events, plan.Persons, plan.Through)
	return errors.Join(err, json.NewEncoder(out).Encode(plan))
}
