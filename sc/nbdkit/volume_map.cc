#include "sc/nbdkit/volume_map.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>

namespace angophora::sc {
namespace {

constexpr char kMapMagic[8] = {'A', 'N', 'G', 'O', 'V', 'M', 'P', '1'};

// Other programs wait at the same word.
void wait_at(std::atomic<std::uint32_t>& word, std::uint32_t value) {
  const timespec limit{0, 100'000'000};
  ::syscall(SYS_futex, &word, FUTEX_WAIT, value, &limit, nullptr, 0);
}

void wake_at(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

std::string stem_of(const std::string& path) { return path.substr(0, path.rfind('.')); }

}  // namespace

void ChunkBits::set_all() {
  for (std::uint32_t n = 0; n < chunks_; n += kWordBits) {
    const auto left = chunks_ - n;
    words_[n / kWordBits] = left >= kWordBits ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
  }
}

void ChunkBits::clear_all() {
  for (std::uint32_t i = 0; i < words(); ++i)
    if (words_[i] != 0) words_[i] = 0;
}

void ChunkBits::add(const ChunkBits& other) {
  for (std::uint32_t i = 0; i < words(); ++i)
    if (const auto word = other.words_[i].load()) words_[i] |= word;
}

void ChunkBits::keep(const ChunkBits& other) {
  for (std::uint32_t i = 0; i < words(); ++i) words_[i] &= other.words_[i].load();
}

std::uint64_t ChunkBits::count() const {
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < words(); ++i)
    count += static_cast<std::uint64_t>(std::popcount(words_[i].load()));
  return count;
}

std::vector<std::uint32_t> ChunkBits::list(std::size_t count, std::uint32_t from,
                                           const ChunkBits* except) const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = from / kWordBits; i < words() && found.size() < count; ++i) {
    auto word = words_[i].load();
    if (except) word &= ~except->words_[i].load();
    for (; word != 0 && found.size() < count; word &= word - 1) {
      const auto n = i * kWordBits + static_cast<std::uint32_t>(std::countr_zero(word));
      if (n >= from) found.push_back(n);
    }
  }
  return found;
}

std::string VolumeMap::path_of(const std::string& raw_path) { return stem_of(raw_path) + ".map"; }

std::string VolumeMap::source_path_of(const std::string& raw_path) {
  return stem_of(raw_path) + ".source";
}

std::uint64_t VolumeMap::file_bytes(std::uint32_t chunks) {
  return kHeadBytes + 3 * ChunkBits::bytes_for(chunks);
}

ChunkBits VolumeMap::bits(const MappedFile& file, std::uint32_t chunks, int index) {
  const auto at = kHeadBytes + static_cast<std::size_t>(index) * ChunkBits::bytes_for(chunks);
  return {file.at<ChunkBits::Word>(at), chunks};
}

int VolumeMap::make(const std::string& path, std::uint64_t volume_bytes,
                    const std::vector<std::uint32_t>& missing) {
  return make(path, volume_bytes, missing, false);
}

int VolumeMap::make_lost(const std::string& path, std::uint64_t volume_bytes) {
  if (::access(path.c_str(), F_OK) == 0) return 0;
  if (::access(source_path_of(path).c_str(), F_OK) == 0) return EIO;
  return make(path, volume_bytes, {}, true);
}

int VolumeMap::make(const std::string& path, std::uint64_t volume_bytes,
                    const std::vector<std::uint32_t>& missing, bool dirty_unknown) {
  const auto chunks = static_cast<std::uint32_t>(volume_bytes / kChunkBytes);
  std::vector<char> start(kHeadBytes + ChunkBits::bytes_for(chunks));
  auto* head = reinterpret_cast<Head*>(start.data());
  std::memcpy(head->magic, kMapMagic, sizeof kMapMagic);
  head->volume_bytes = volume_bytes;
  head->boot = this_boot();
  head->dirty_unknown = dirty_unknown ? 1 : 0;
  ChunkBits bits(reinterpret_cast<ChunkBits::Word*>(start.data() + kHeadBytes), chunks);
  for (const auto n : missing) bits.set(n);
  return make_file(path, start, file_bytes(chunks), file_bytes(chunks));
}

std::unique_ptr<VolumeMap> VolumeMap::open(const std::string& path, std::uint64_t volume_bytes,
                                           std::string& why) {
  const auto chunks = static_cast<std::uint32_t>(volume_bytes / kChunkBytes);
  const auto bytes = file_bytes(chunks);
  auto file = MappedFile::open(path, bytes, bytes, why);
  if (!file) return nullptr;
  auto* head = file->at<Head>(0);
  if (std::memcmp(head->magic, kMapMagic, sizeof kMapMagic) != 0 ||
      head->volume_bytes != volume_bytes) {
    why = path + " is not the map of such a volume";
    return nullptr;
  }
  // Two programs that come at once after a crash both say the same.
  if (head->boot != this_boot()) {
    head->dirty_unknown = 1;
    file->sync();
    head->boot = this_boot();
  }
  return std::unique_ptr<VolumeMap>(new VolumeMap(std::move(file), chunks));
}

VolumeMap::VolumeMap(std::unique_ptr<MappedFile> file, std::uint32_t chunks)
    : file_(std::move(file)),
      chunks_(chunks),
      head_(file_->at<Head>(0)),
      missing_(bits(*file_, chunks, 0)),
      dirty_{bits(*file_, chunks, 1), bits(*file_, chunks, 2)} {}

std::vector<VolumeMap::Pending> VolumeMap::pending() const {
  std::vector<Pending> all;
  const std::uint32_t used = head_->used;
  for (int i = 0; i < kSnapshots; ++i) {
    if (!(used & (1U << i))) continue;
    const auto& slot = head_->slots[i];
    all.push_back({std::string(slot.snapshot, ::strnlen(slot.snapshot, sizeof slot.snapshot)),
                   slot.epoch, static_cast<int>(slot.failure.load())});
  }
  return all;
}

VolumeMap::Slot* VolumeMap::slot_of(const std::string& snapshot) const {
  for (int i = 0; i < kSnapshots; ++i) {
    if (!(head_->used & (1U << i))) continue;
    auto& slot = head_->slots[i];
    if (std::string(slot.snapshot, ::strnlen(slot.snapshot, sizeof slot.snapshot)) == snapshot)
      return &slot;
  }
  return nullptr;
}

bool VolumeMap::add_pending(const std::string& snapshot, std::uint32_t epoch) {
  const std::uint32_t used = head_->used;
  for (int i = 0; i < kSnapshots; ++i) {
    if (used & (1U << i)) continue;
    auto& slot = head_->slots[i];
    std::memset(slot.snapshot, 0, sizeof slot.snapshot);
    std::memcpy(slot.snapshot, snapshot.data(), std::min(snapshot.size(), sizeof slot.snapshot));
    slot.failure = 0;
    slot.epoch = epoch;
    head_->used |= 1U << i;
    ++head_->version;
    return true;
  }
  return false;
}

void VolumeMap::remove_pending(const std::string& snapshot) {
  if (const auto* slot = slot_of(snapshot)) {
    head_->used &= ~(1U << (slot - head_->slots));
    ++head_->version;
  }
}

void VolumeMap::fail_pending(const std::string& snapshot, int failure) {
  if (auto* slot = slot_of(snapshot)) slot->failure = static_cast<std::uint32_t>(failure);
}

void VolumeMap::settle() {
  for (auto& note : head_->notes) {
    const auto value = note.load();
    if (value == 0) continue;
    const auto first = static_cast<std::uint32_t>(value >> 32);
    const auto last = std::min(static_cast<std::uint32_t>(value) - 1, chunks_ - 1);
    for (auto n = first; n <= last; ++n) dirty(epoch()).set(n);
    note = 0;
  }
  for (auto& chunk : head_->wanted) chunk = 0;
  head_->served = 1;
}

VolumeMap::Change::Change(VolumeMap& map, std::uint32_t first, std::uint32_t last)
    : map_(map), first_(first), last_(last) {
  const auto value = std::uint64_t{first} << 32 | (last + 1);
  for (note_ = nullptr; !note_;) {
    for (auto& note : map_.head_->notes) {
      std::uint64_t none = 0;
      if (!note.compare_exchange_strong(none, value)) continue;
      note_ = &note;
      break;
    }
  }
  epoch_ = map_.epoch();
  mark(epoch_);
}

VolumeMap::Change::~Change() {
  // A point in time that came in between: the bytes may belong to what follows it.
  if (const auto now = map_.epoch(); now != epoch_) mark(now);
  *note_ = 0;
}

void VolumeMap::Change::mark(std::uint32_t epoch) {
  auto& bits = map_.dirty(epoch);
  for (auto n = first_; n <= last_; ++n)
    if (!bits.has(n)) bits.set(n);
}

int VolumeMap::wait_for(std::uint32_t chunk) {
  if (!missing_.has(chunk)) return 0;
  std::atomic<std::uint32_t>* wish = nullptr;
  for (auto& place : head_->wanted) {
    std::uint32_t none = 0;
    if (!place.compare_exchange_strong(none, chunk + 1)) continue;
    wish = &place;
    break;
  }
  int failure = 0;
  for (;;) {
    const std::uint32_t fills = head_->fills;
    if (!missing_.has(chunk)) break;
    if (head_->fill_failed) {
      failure = EIO;
      break;
    }
    wait_at(head_->fills, fills);
  }
  if (wish) *wish = 0;
  return failure;
}

void VolumeMap::filled(std::uint32_t chunk) {
  missing_.clear(chunk);
  ++head_->fills;
  wake_at(head_->fills);
}

void VolumeMap::set_fill_failed(bool failed) {
  if (head_->fill_failed == (failed ? 1U : 0U)) return;
  head_->fill_failed = failed ? 1 : 0;
  ++head_->fills;
  wake_at(head_->fills);
}

std::vector<std::uint32_t> VolumeMap::wanted() {
  std::vector<std::uint32_t> all;
  for (auto& place : head_->wanted)
    if (const auto value = place.load(); value != 0 && missing_.has(value - 1))
      all.push_back(value - 1);
  return all;
}

int VolumeMap::sync_after_fills() {
  const std::uint32_t fills = head_->fills;
  if (fills == synced_fills_) return 0;
  const int failure = file_->sync();
  if (failure == 0) synced_fills_ = fills;
  return failure;
}

}  // namespace angophora::sc
