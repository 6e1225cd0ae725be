# CPython on musl: musl.sh FOLDER MUSL-PACKAGES SOURCES   (needs gcc, make, tar, xz)
# Afterwards FOLDER/python/bin/python3.11 runs ssng.
set -eu
to=$1 musl=$2 sources=$3
triplet=$(gcc -print-multiarch | sed 's/-gnu/-musl/')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The interpreter names its loader, which is no file of this machine.
mkdir -p "$to/lib"
cp -a "$musl/usr/lib/$triplet/." "$to/lib/"
cp -a "$musl/usr/include/$triplet" "$to/include"
loader=$(basename "$musl"/lib/ld-musl-*)
rm -f "$to/lib/libc.so"
for name in libc.so "$loader"; do cp -L "$musl/lib/$triplet/libc.so" "$to/lib/$name"; done
sed "s|/usr/include/$triplet|$to/include|g; s|/usr/lib/$triplet|$to/lib|g; s|/lib/ld-musl[^ ]*|$to/lib/$loader|g" \
    "$to/lib/musl-gcc.specs" > "$to/musl.specs"
# The kernel's headers and nothing else of glibc's: CPython's setup adds /usr/include by itself.
mkdir -p "$to/headers"
ln -sfn /usr/include/linux "$to/headers/linux"
ln -sfn /usr/include/asm-generic "$to/headers/asm-generic"
ln -sfn "/usr/include/$(gcc -print-multiarch)/asm" "$to/headers/asm"
cat > "$to/cc" <<C
#!/bin/bash
words=()
for word in "\$@"; do
    case "\$word" in
        *print-multiarch*) exit 1;;
        -I/usr/include*|-I/usr/local/include|-L/usr/lib*|-L/lib*|-L/usr/local/lib) ;;
        *) words+=("\$word");;
    esac
done
exec gcc "\${words[@]}" -specs "$to/musl.specs" -idirafter "$to/headers"
C
chmod +x "$to/cc"
cd "$work"
for archive in "$sources"/*.orig.tar.*; do tar xf "$archive"; done
(cd libffi-3*/ && ./configure --prefix="$to/ffi" --disable-shared --enable-static --disable-docs --disable-exec-static-tramp \
    CC="$to/cc" CFLAGS='-O2 -fPIC' && make -j2 install)
(cd Python-3.11*/ && ./configure --prefix="$to/python" CC="$to/cc" CPPFLAGS="-I$to/ffi/include" LDFLAGS="-L$to/ffi/lib" \
    LIBFFI_INCLUDEDIR="$to/ffi/include" --without-ensurepip --with-pkg-config=no && make -j2 && make install TESTSUBDIRS= COMPILEALL_OPTS='-q -r 0')
"$to/python/bin/python3.11" -c 'import ctypes; ctypes.CDLL(None)'
