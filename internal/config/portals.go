package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const portalFile = ".yaml"

// ReadPortals is LoadPortals of a folder on disk, with faults that name files as the operator does: "portals/tvm.yaml:14".
func ReadPortals(folder string) ([]identity.Portal, error) {
	portals, found, err := load(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("read portal files in %s: %w", folder, err)
	}
	found.within(folder)
	return portals, found.err()
}

// LoadPortals reads every *.yaml of a folder, one portal each, and answers them by slug. It is strict: what a file says
// must be known, meant and free of contradictions. The error joins a *Fault for everything that is wrong in any of the
// files, each with file and line; with an error there are no portals.
func LoadPortals(folder fs.FS) ([]identity.Portal, error) {
	portals, found, err := load(folder)
	if err != nil {
		return nil, fmt.Errorf("read portal files: %w", err)
	}
	return portals, found.err()
}

func load(folder fs.FS) ([]identity.Portal, faults, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, nil, err
	}
	var found faults
	var portals []identity.Portal
	taken := claims{}
	for _, entry := range entries {
		switch {
		case entry.IsDir():
		case strings.EqualFold(path.Ext(entry.Name()), ".yml"):
			found.add(Fault{File: entry.Name(), Text: "ends in " + path.Ext(entry.Name()) + "; allowed: " + portalFile})
		case path.Ext(entry.Name()) == portalFile:
			document := newDocument(entry.Name(), &found)
			portal := document.portal(folder)
			taken.check(portal, document)
			portals = append(portals, portal)
		}
	}
	if len(portals) == 0 && len(found) == 0 {
		return nil, nil, errors.New("there is none; each portal is a file whose name ends in " + portalFile)
	}
	if len(found) > 0 {
		portals = nil
	}
	return portals, found, nil
}

// portal reads one file; what can't be read stays empty.
func (d *document) portal(folder fs.FS) (p identity.Portal) {
	root, ok := d.open(folder)
	if !ok {
		return p
	}
	root.take(portalKeys(&p))
	if expected := strings.TrimSuffix(d.name, portalFile); p.Slug != "" && p.Slug != expected {
		d.fault("slug", "is %q; allowed: %q, as the file is called", p.Slug, expected)
	}
	d.settle(p)
	return p
}

// claims holds what only one portal can have, and who has it.
type claims map[string]string

func (c claims) check(p identity.Portal, d *document) {
	if p.Slug != "" {
		c.claim(p.Slug, "slug", "slug "+p.Slug, d)
	}
	for i, host := range p.Hosts {
		c.claim(host, fmt.Sprintf("hosts[%d]", i), "host "+host, d)
	}
}

func (c claims) claim(value, path, claim string, d *document) {
	if owner, taken := c[claim]; taken {
		d.fault(path, "is %q, which %s has already", value, owner)
		return
	}
	c[claim] = d.name
}
