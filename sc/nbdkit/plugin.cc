// The export server's plug-in: nbdkit speaks NBD and TLS, this module has the bytes.
//
//   nbdkit OPTIONS nbdkit-angophora-volume.so file=VOLUMES/VOLUME-ID.raw size=BYTES export=NAME
//
// Callbacks run on many threads at once, requests of one connection too.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "sc/nbdkit/holder.h"
#include "sc/nbdkit/volume_file.h"

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>
#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

namespace angophora::sc {
namespace {

struct Settings {
  std::string file;
  std::int64_t bytes = 0;
  std::string export_name;
};
Settings settings;
std::unique_ptr<VolumeFile> volume;
Holder holder;

struct Connection {
  std::uint64_t number;
};

int fail(int number, const char* step) {
  nbdkit_error("%s: %s", step, std::strerror(number));
  nbdkit_set_error(number);
  return -1;
}

// Runs `work` for the newest connection; it returns 0 or an errno.
template <class Work>
int serve(void* handle, const char* step, Work work) {
  const Holder::Request request(holder, static_cast<Connection*>(handle)->number);
  if (!request) {
    nbdkit_error("%s: a newer connection has taken over", step);
    nbdkit_set_error(ESHUTDOWN);
    return -1;
  }
  const int failure = work();
  if (failure == 0) return 0;
  // Asked whether there is a fast way: no answer for the log.
  if (failure == EOPNOTSUPP) {
    nbdkit_set_error(failure);
    return -1;
  }
  return fail(failure, step);
}

int config(const char* key, const char* value) {
  const std::string name(key);
  if (name == "file") {
    settings.file = value;
  } else if (name == "size") {
    return nbdkit_parse_int64_t("size", value, &settings.bytes);
  } else if (name == "export") {
    settings.export_name = value;
  } else {
    nbdkit_error("there is no parameter %s", key);
    return -1;
  }
  return 0;
}

int config_complete() {
  if (!settings.file.empty() && settings.bytes > 0 && !settings.export_name.empty()) return 0;
  nbdkit_error("file, size and export are needed");
  return -1;
}

int get_ready() {
  std::string why;
  volume = VolumeFile::open(settings.file, static_cast<std::uint64_t>(settings.bytes), why);
  if (volume) return 0;
  nbdkit_error("%s", why.c_str());
  return -1;
}

void leave(int) { ::_exit(0); }

// nbdkit's own way to end answers what is under way with an error, which a guest would see. A
// server that is just gone makes its clients wait for the next one; what it has answered is with
// the system.
int leave_without_a_word() {
  struct sigaction action {};
  action.sa_handler = leave;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT})
    if (::sigaction(number, &action, nullptr) != 0) {
      nbdkit_error("sigaction: %s", std::strerror(errno));
      return -1;
    }
  return 0;
}

void unload() { volume.reset(); }

int list_exports(int, int, nbdkit_exports* exports) {
  return nbdkit_add_export(exports, settings.export_name.c_str(), nullptr);
}

const char* default_export(int, int) { return settings.export_name.c_str(); }

void* open_connection(int) {
  const char* name = nbdkit_export_name();
  if (!name || settings.export_name != name) {
    nbdkit_error("no export of that name");
    nbdkit_set_error(ENOENT);
    return nullptr;
  }
  return new Connection{holder.take()};
}

void close_connection(void* handle) { delete static_cast<Connection*>(handle); }

std::int64_t get_size(void*) { return settings.bytes; }
int yes(void*) { return 1; }
int no(void*) { return 0; }
int fua_is_ours(void*) { return NBDKIT_FUA_NATIVE; }

int block_size(void*, std::uint32_t* minimum, std::uint32_t* preferred, std::uint32_t* maximum) {
  *minimum = 1;
  *preferred = 4096;
  *maximum = 32U << 20;  // what nbdkit takes in one request
  return 0;
}

int flush_after(std::uint32_t flags, int failure) {
  if (failure != 0 || !(flags & NBDKIT_FLAG_FUA)) return failure;
  return volume->flush();
}

int read_bytes(void* handle, void* to, std::uint32_t count, std::uint64_t offset, std::uint32_t) {
  return serve(handle, "reading", [&] { return volume->read(to, count, offset); });
}

int write_bytes(void* handle, const void* from, std::uint32_t count, std::uint64_t offset,
                std::uint32_t flags) {
  return serve(handle, "writing",
               [&] { return flush_after(flags, volume->write(from, count, offset)); });
}

int flush_bytes(void* handle, std::uint32_t) {
  return serve(handle, "flushing", [&] { return volume->flush(); });
}

int trim_bytes(void* handle, std::uint32_t count, std::uint64_t offset, std::uint32_t flags) {
  return serve(handle, "trimming", [&] { return flush_after(flags, volume->trim(count, offset)); });
}

int zero_bytes(void* handle, std::uint32_t count, std::uint64_t offset, std::uint32_t flags) {
  const bool may_trim = flags & NBDKIT_FLAG_MAY_TRIM;
  return serve(handle, "zeroing",
               [&] { return flush_after(flags, volume->zero(count, offset, may_trim)); });
}

int find_extents(void* handle, std::uint32_t count, std::uint64_t offset, std::uint32_t flags,
                 nbdkit_extents* extents) {
  const bool one = flags & NBDKIT_FLAG_REQ_ONE;
  return serve(handle, "looking for holes", [&] {
    bool enough = false;
    return volume->extents(count, offset, [&](auto at, auto length, bool hole) {
      if (enough) return 0;
      enough = one;
      const std::uint32_t type = hole ? NBDKIT_EXTENT_HOLE | NBDKIT_EXTENT_ZERO : 0;
      return nbdkit_add_extent(extents, at, length, type) == 0 ? 0 : errno;
    });
  });
}

nbdkit_plugin make_plugin() {
  nbdkit_plugin p{};
  p.name = "angophora-volume";
  p.longname = "a volume of an Angophora storage controller";
  p.unload = unload;
  p.config = config;
  p.config_complete = config_complete;
  p.config_help = "file=PATH size=BYTES export=NAME";
  p.get_ready = get_ready;
  p.after_fork = leave_without_a_word;
  p.list_exports = list_exports;
  p.default_export = default_export;
  p.open = open_connection;
  p.close = close_connection;
  p.get_size = get_size;
  p.can_write = p.can_flush = p.can_trim = p.can_zero = p.can_fast_zero = p.can_extents = yes;
  p.can_multi_conn = p.is_rotational = no;
  p.can_fua = fua_is_ours;
  p.block_size = block_size;
  p.pread = read_bytes;
  p.pwrite = write_bytes;
  p.flush = flush_bytes;
  p.trim = trim_bytes;
  p.zero = zero_bytes;
  p.extents = find_extents;
  return p;
}

nbdkit_plugin plugin = make_plugin();

}  // namespace
}  // namespace angophora::sc

using angophora::sc::plugin;
NBDKIT_REGISTER_PLUGIN(plugin)
