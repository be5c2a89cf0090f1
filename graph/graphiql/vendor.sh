#!/bin/sh
# Fetches the files of GraphiQL that are embedded in the server, so that the page needs no network but the server's own.
# Run it in this folder; it leaves the same bytes every time. To upgrade: raise a version, put the integrity that
# `npm view NAME@VERSION dist.integrity` prints beside it, run, and look at the page.
#
# GraphiQL stays at 3.x: the last that comes as one plain script. From 4.0 on it brings an editor of ten times the size
# that starts web workers. React 18 is what it is built against.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # name version integrity
	npm pack "$1@$2" --silent --pack-destination "$work" >/dev/null
	tarball="$work/$1-$2.tgz"
	actual="sha512-$(openssl dgst -sha512 -binary "$tarball" | openssl base64 -A)"
	if [ "$actual" != "$3" ]; then
		echo "$1@$2: integrity is $actual, want $3" >&2
		exit 1
	fi
	mkdir "$work/$1"
	tar -xzf "$tarball" -C "$work/$1" --strip-components=1
}

# Source maps are left out, and so is the mention of them.
take() { # from to
	sed '/^\/\/# sourceMappingURL=/d' "$work/$1" >"$2"
}

fetch graphiql 3.9.0 \
	sha512-rJYFlHdBbug9+YbFSwRVvgfPjCayC7wHecZkx/qB4XLuQPFQZw/yB9pmHFtOJV6RiNBBHro3u1GdocKa3YcGRA==
fetch react 18.3.1 \
	sha512-wS+hAgJShR0KhEvPJArfuPVN1+Hz1t0Y6n5jLrGQbkb4urgPE/0Rve+1kMB1v/oWgHgm4WIcV+i7F2pTVj+2iQ==
fetch react-dom 18.3.1 \
	sha512-5m4nQKp+rZRb09LNH59GM4BxTh9251/ylbKIbpe7TpGxfJ+9kv6BLkLBXIjjspbgbnIBNqlI23tRnTWT0snUIw==

take graphiql/graphiql.min.js graphiql.min.js
take graphiql/graphiql.min.css graphiql.min.css
take graphiql/LICENSE LICENSE.graphiql
take react/umd/react.production.min.js react.production.min.js
take react-dom/umd/react-dom.production.min.js react-dom.production.min.js
take react/LICENSE LICENSE.react
