#include "sc/backends/snapshot_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "common/process/spawn.h"
#include "sc/nbdkit/before_file.h"
#include "sc/nbdkit/volume_map.h"

namespace angophora::sc::snapshot_files {
namespace {

namespace fs = std::filesystem;
using common::Errc;
using common::errno_error;
using process::Descriptor;

static_assert(kChunkBytes == chunks::kChunkBytes);
constexpr std::string_view kRaw = ".raw";
constexpr std::string_view kBefore = ".before";

std::string stem_of(const std::string& raw) { return raw.substr(0, raw.size() - kRaw.size()); }
std::string source_path(const std::string& raw) { return VolumeMap::source_path_of(raw); }

Error failed(int number, const std::string& step) {
  if (number == ENOSPC || number == EDQUOT)
    return Error(VolumeErrc::pool_full, "the pool has no room: " + step);
  return errno_error(number, step);
}

Result<std::uint64_t> size_of(const std::string& raw) {
  struct stat status {};
  if (::lstat(raw.c_str(), &status) == 0) return static_cast<std::uint64_t>(status.st_size);
  if (errno == ENOENT) return Error(Errc::not_found, "there is no " + raw);
  return errno_error(errno, "looking at " + raw);
}

// A volume that was made by an earlier version has no map yet, another may have lost its own.
Result<std::unique_ptr<VolumeMap>> open_map(const std::string& raw) {
  TRY(const auto bytes, size_of(raw));
  const auto path = VolumeMap::path_of(raw);
  if (const int number = VolumeMap::make_lost(path, bytes)) return failed(number, "making " + path);
  std::string why;
  auto map = VolumeMap::open(path, bytes, why);
  if (!map) return Error(Errc::corrupt, why);
  return map;
}

Result<std::unique_ptr<BeforeFile>> open_before(const std::string& raw,
                                                const std::string& snapshot) {
  TRY(const auto bytes, size_of(raw));
  const auto path = BeforeFile::path_of(raw, snapshot);
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT)
    return Error(Errc::not_found, "snapshot " + snapshot + " is not pending");
  std::string why;
  auto before = BeforeFile::open(path, bytes, why);
  if (!before) return Error(Errc::corrupt, why);
  return before;
}

Result<Descriptor> open_raw(const std::string& raw, int how) {
  Descriptor file(::open(raw.c_str(), how | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return errno_error(errno, "opening " + raw);
  return file;
}

Result<> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return common::ok();
  return errno_error(errno, "removing " + path);
}

Result<> sync_folder(const std::string& path) {
  if (const int number = sync_folder_of(path)) return errno_error(number, "syncing " + path);
  return common::ok();
}

Result<> write_source(const std::string& raw, const ChunkMap& source) {
  const auto path = source_path(raw);
  const auto bytes = chunks::encode(source);
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return failed(errno, "making " + path);
  if (const int number = write_all(file.get(), bytes.data(), bytes.size(), 0))
    return failed(number, "writing " + path);
  if (::fsync(file.get()) != 0) return failed(errno, "syncing " + path);
  return common::ok();
}

// The names of files that begin with the volume's id and end with `.before` tell the snapshots.
Result<std::vector<fs::path>> files_of(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure); !failure && at != fs::directory_iterator();
       at.increment(failure))
    files.push_back(at->path());
  if (failure) return Error(Errc::io, "reading " + folder + ": " + failure.message());
  return files;
}

// What a point in time needs: all that was written since the newest one before it, and what others
// that are pending still stand for.
Result<> narrow(const std::string& raw, VolumeMap& map, BeforeFile& before, std::uint32_t epoch,
                const std::string& snapshot) {
  std::vector<ChunkBits::Word> words(ChunkBits::bytes_for(map.chunks()) / sizeof(ChunkBits::Word));
  ChunkBits needed(words.data(), map.chunks());
  needed.add(map.dirty(epoch));
  for (const auto& other : map.pending()) {
    if (other.snapshot == snapshot) continue;
    TRY(const auto file, open_before(raw, other.snapshot));
    needed.add(file->needed());
    needed.add(file->done());
  }
  before.needed().keep(needed);
  return common::ok();
}

// Holes are zeros, which nobody needs to read: with `as_done` they are noted as such.
Result<> skip_holes(const std::string& raw, VolumeMap& map, BeforeFile& before, bool as_done) {
  const auto zeros = chunks::name_of(std::string(kChunkBytes, '\0'));
  TRY(const auto file, open_raw(raw, O_RDONLY));
  TRY(const auto bytes, size_of(raw));
  for (std::uint64_t at = 0; at < bytes;) {
    const auto data = ::lseek(file.get(), static_cast<off_t>(at), SEEK_DATA);
    if (data < 0 && errno != ENXIO) return errno_error(errno, "looking for holes of " + raw);
    const auto data_at = data < 0 ? bytes : static_cast<std::uint64_t>(data);
    for (auto n = static_cast<std::uint32_t>((at + kChunkBytes - 1) / kChunkBytes);
         n < data_at / kChunkBytes; ++n) {
      // A hole may be of the guest's making since the point in time, or a chunk that is to come.
      if (before.copied().has(n) || map.missing().has(n)) continue;
      if (as_done) before.note_done(n, zeros);
      before.needed().clear(n);
    }
    if (data_at >= bytes) break;
    const auto hole = ::lseek(file.get(), static_cast<off_t>(data_at), SEEK_HOLE);
    if (hole < 0) return errno_error(errno, "looking for holes of " + raw);
    at = static_cast<std::uint64_t>(hole);
  }
  return common::ok();
}

}  // namespace

Result<> prepare(const std::string& raw, std::uint64_t bytes, const ChunkMap& source) {
  TRY_VOID(remove_all(raw));
  std::vector<std::uint32_t> missing;
  for (const auto& entry : source.entries) missing.push_back(entry.number);
  if (!missing.empty()) TRY_VOID(write_source(raw, source));
  const auto path = VolumeMap::path_of(raw);
  if (const int number = VolumeMap::make(path, bytes, missing))
    return failed(number, "making " + path);
  return common::ok();
}

Result<> remove_all(const std::string& raw) {
  TRY(const auto files, files_of(fs::path(raw).parent_path()));
  const auto stem = fs::path(stem_of(raw)).filename().string() + ".";
  for (const auto& path : files)
    if (path.filename().string().starts_with(stem) && path.extension() == kBefore)
      TRY_VOID(remove_file(path));
  TRY_VOID(remove_file(VolumeMap::path_of(raw)));
  return remove_file(source_path(raw));
}

Result<> remove_orphans(const std::string& folder) {
  TRY(const auto files, files_of(folder));
  for (const auto& path : files) {
    const auto kind = path.extension();
    if (kind != ".map" && kind != ".source" && kind != kBefore) continue;
    const auto name = path.filename().string();
    const auto raw = folder + "/" + name.substr(0, name.find('.')) + std::string(kRaw);
    if (::access(raw.c_str(), F_OK) != 0 && errno == ENOENT) TRY_VOID(remove_file(path));
  }
  return common::ok();
}

Result<ChunkMap> source(const std::string& raw) {
  const auto path = source_path(raw);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) return ChunkMap();
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return errno_error(errno, "opening " + path);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  if (const int number = read_all(file.get(), bytes.data(), bytes.size(), 0))
    return errno_error(number, "reading " + path);
  return chunks::decode(bytes);
}

Result<VolumeBackend::Missing> missing(const std::string& raw, std::size_t count) {
  TRY(const auto map, open_map(raw));
  VolumeBackend::Missing answer;
  answer.count = map->missing().count();
  answer.next = map->wanted();
  for (const auto n : map->missing().list(count)) answer.next.push_back(n);
  std::vector<std::uint32_t> once;
  for (const auto n : answer.next)
    if (once.size() < count && std::find(once.begin(), once.end(), n) == once.end())
      once.push_back(n);
  answer.next = std::move(once);
  return answer;
}

Result<> fill(const std::string& raw, std::uint32_t chunk, const std::string& bytes) {
  TRY(const auto map, open_map(raw));
  if (chunk >= map->chunks() || bytes.size() != kChunkBytes)
    return Error(Errc::corrupt, "chunk " + std::to_string(chunk) + " is none of " + raw);
  if (!map->missing().has(chunk)) return common::ok();
  TRY(const auto file, open_raw(raw, O_RDWR));
  if (const int number = write_all(file.get(), bytes.data(), bytes.size(), chunk * kChunkBytes))
    return failed(number, "filling " + raw);
  if (::fdatasync(file.get()) != 0) return failed(errno, "syncing " + raw);
  map->filled(chunk);
  return common::ok();
}

Result<> set_fill_failed(const std::string& raw, bool failed) {
  TRY(const auto map, open_map(raw));
  map->set_fill_failed(failed);
  return common::ok();
}

Result<> forget_source(const std::string& raw) {
  TRY(const auto map, open_map(raw));
  if (map->missing().count() != 0) return Error(Errc::internal, raw + " misses chunks still");
  // After a crash of the machine nothing may seem missing any more.
  if (const int number = map->sync()) return failed(number, "syncing the map of " + raw);
  return remove_file(source_path(raw));
}

Result<> take(const std::string& raw, const std::string& snapshot, bool all, bool exported) {
  TRY(const auto map, open_map(raw));
  if (exported && !map->was_served())
    return Error(VolumeErrc::busy,
                 "the export server of " + raw +
                     " was started without its map: detach and attach the volume");
  TRY(const auto bytes, size_of(raw));
  TRY_VOID(drop(raw, snapshot, false));  // what an unfinished attempt has left
  const auto path = BeforeFile::path_of(raw, snapshot);
  if (const int number = BeforeFile::make(path, bytes)) return failed(number, "making " + path);
  TRY(const auto before, open_before(raw, snapshot));
  const auto epoch = map->epoch();
  if (!map->add_pending(snapshot, epoch + 1)) {
    TRY_VOID(remove_file(path));
    return Error(VolumeErrc::busy, "too many snapshots of " + raw + " are pending");
  }
  map->begin_epoch();
  if (!all && map->dirty_is_known())
    TRY_VOID(narrow(raw, *map, *before, epoch, snapshot));
  else
    TRY_VOID(skip_holes(raw, *map, *before, !all));
  if (const int number = before->sync()) return failed(number, "syncing " + path);
  map->dirty(epoch).clear_all();
  map->set_dirty_known();
  if (const int number = map->sync()) return failed(number, "syncing the map of " + raw);
  return common::ok();
}

Result<SnapshotWork> work(const std::string& raw, const std::string& snapshot, std::size_t count) {
  TRY(const auto map, open_map(raw));
  TRY(const auto before, open_before(raw, snapshot));
  SnapshotWork work;
  work.next = before->needed().list(count, 0, &before->done());
  work.done = before->done().count();
  work.chunks = work.done;
  const auto lacking = before->needed().list(before->needed().chunks(), 0, &before->done());
  work.chunks += lacking.size();
  int failure = before->failure();
  for (const auto& pending : map->pending())
    if (pending.snapshot == snapshot && failure == 0) failure = pending.failure;
  if (failure == ENOSPC)
    work.failure = "the pool had no room for the bytes that the volume's guest overwrote";
  else if (failure != 0)
    work.failure =
        std::string("the volume's bytes could not be read or kept: ") + std::strerror(failure);
  return work;
}

Result<SnapshotChunk> read(const std::string& raw, const std::string& snapshot,
                           std::uint32_t chunk) {
  TRY(const auto map, open_map(raw));
  TRY(const auto before, open_before(raw, snapshot));
  SnapshotChunk answer;
  if (map->missing().has(chunk)) {
    TRY(const auto from, source(raw));
    const auto at = std::lower_bound(
        from.entries.begin(), from.entries.end(), chunk,
        [](const ChunkMap::Entry& entry, std::uint32_t n) { return entry.number < n; });
    if (at != from.entries.end() && at->number == chunk) {
      answer.known_as = at->name;
      return answer;
    }
  }
  TRY(const auto file, open_raw(raw, O_RDONLY));
  answer.bytes.resize(kChunkBytes);
  const int number = before->read(file.get(), chunk, answer.bytes.data());
  if (number == EIO) before->fail(number);  // what the disk has lost does not come back
  if (number != 0)
    return errno_error(number, "reading chunk " + std::to_string(chunk) + " of " + raw);
  return answer;
}

Result<> set_done(const std::string& raw, const std::string& snapshot, std::uint32_t chunk,
                  const ChunkName& name) {
  TRY(const auto before, open_before(raw, snapshot));
  if (const int number = before->set_done(chunk, name))
    return failed(number, "noting a chunk of " + snapshot);
  return common::ok();
}

Result<std::vector<ChunkMap::Entry>> names(const std::string& raw, const std::string& snapshot) {
  TRY(const auto before, open_before(raw, snapshot));
  std::vector<ChunkMap::Entry> entries;
  for (const auto n : before->done().list(before->done().chunks()))
    entries.push_back({n, before->name_of(n)});
  return entries;
}

Result<> drop(const std::string& raw, const std::string& snapshot, bool finished) {
  const auto size = size_of(raw);
  if (!size && size.error().code == Errc::not_found) return common::ok();
  TRY(const auto map, open_map(raw));
  const auto path = BeforeFile::path_of(raw, snapshot);
  if (!finished) {
    const auto before = open_before(raw, snapshot);
    if (before) {
      map->dirty(map->epoch()).add(before.value()->needed());
      map->dirty(map->epoch()).add(before.value()->done());
    } else if (before.error().code != Errc::not_found) {
      map->dirty(map->epoch()).set_all();
    }
    if (const int number = map->sync()) return failed(number, "syncing the map of " + raw);
  }
  map->remove_pending(snapshot);
  TRY_VOID(remove_file(path));
  return sync_folder(path);
}

Result<std::vector<std::pair<VolumeId, SnapshotId>>> pending(const std::string& folder) {
  TRY(const auto files, files_of(folder));
  std::vector<std::pair<VolumeId, SnapshotId>> all;
  for (const auto& path : files) {
    if (path.extension() != kBefore) continue;
    const auto name = path.filename().string();
    const auto dot = name.find('.');
    const auto snapshot = name.substr(dot + 1, name.size() - dot - 1 - kBefore.size());
    all.push_back({VolumeId(name.substr(0, dot)), SnapshotId(snapshot)});
  }
  return all;
}

}  // namespace angophora::sc::snapshot_files
