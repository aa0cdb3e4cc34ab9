// VOLUME-ID.map: what each chunk of 1 MiB of a volume still needs, shared between the volume's
// export server and the storage controller. docs/decisions/0011-snapshots.md tells how they work
// together without waiting for each other.
//
// Threads: any, of several programs: all is atomic.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "sc/nbdkit/mapped_file.h"

namespace angophora::sc {

inline constexpr std::uint64_t kChunkBytes = 1 << 20;

// A bit per chunk.
class ChunkBits {
 public:
  using Word = std::atomic<std::uint64_t>;
  static constexpr std::uint32_t kWordBits = 64;
  static std::size_t bytes_for(std::uint32_t chunks) {
    return (chunks + kWordBits - 1) / kWordBits * sizeof(Word);
  }

  ChunkBits(Word* words, std::uint32_t chunks) : words_(words), chunks_(chunks) {}
  bool has(std::uint32_t n) const { return words_[n / kWordBits] & bit(n); }
  void set(std::uint32_t n) { words_[n / kWordBits] |= bit(n); }
  void clear(std::uint32_t n) { words_[n / kWordBits] &= ~bit(n); }
  void set_all();
  void clear_all();
  // Each of `other` as well.
  void add(const ChunkBits& other);
  // Those alone stay that are in `other` as well.
  void keep(const ChunkBits& other);
  std::uint64_t count() const;
  // Up to `count` that are set, from `from` on, and not in `except`.
  std::vector<std::uint32_t> list(std::size_t count, std::uint32_t from = 0,
                                  const ChunkBits* except = nullptr) const;
  std::uint32_t chunks() const { return chunks_; }

 private:
  static std::uint64_t bit(std::uint32_t n) { return std::uint64_t{1} << (n % kWordBits); }
  std::uint32_t words() const { return (chunks_ + kWordBits - 1) / kWordBits; }
  Word* words_;
  std::uint32_t chunks_;
};

class VolumeMap {
 public:
  static constexpr int kSnapshots = 8;  // pending at one time

  static std::string path_of(const std::string& raw_path);  // VOLUME-ID.raw's
  // For a volume that is being made.
  static int make(const std::string& path, std::uint64_t volume_bytes,
                  const std::vector<std::uint32_t>& missing);
  // For a volume that has none, which it may have lost: what was written is not known then. EIO
  // when chunks were missing, as nobody knows any more which.
  static int make_lost(const std::string& path, std::uint64_t volume_bytes);
  static std::string source_path_of(const std::string& raw_path);  // there while chunks are missing
  // Null, with the reason in `why`. After a crash of the machine the dirty bits count for nothing.
  static std::unique_ptr<VolumeMap> open(const std::string& path, std::uint64_t volume_bytes,
                                         std::string& why);

  std::uint32_t chunks() const { return chunks_; }
  ChunkBits& missing() { return missing_; }

  // --- points in time ---

  // Grows with each point in time; what is written belongs to the one that was read before.
  std::uint32_t epoch() const { return head_->epoch; }
  // Written since the point in time that began `epoch`.
  ChunkBits& dirty(std::uint32_t epoch) { return dirty_[epoch % 2]; }
  bool dirty_is_known() const { return head_->dirty_unknown == 0; }
  void set_dirty_known() { head_->dirty_unknown = 0; }

  struct Pending {
    std::string snapshot;
    std::uint32_t epoch = 0;  // writes of this one and later ones must spare its bytes
    int failure = 0;          // an errno: its bytes could not be spared
    bool operator==(const Pending&) const = default;
  };
  // Changes with every change of the list.
  std::uint32_t version() const { return head_->version; }
  std::vector<Pending> pending() const;
  // False when there is no room for one more.
  bool add_pending(const std::string& snapshot, std::uint32_t epoch);
  void remove_pending(const std::string& snapshot);
  void fail_pending(const std::string& snapshot, int failure);
  // The point in time.
  void begin_epoch() { ++head_->epoch; }

  // What a killed server may have written without saying so is dirty. By a server that has the
  // volume for itself, before it begins.
  void settle();
  // Whether a server has opened this map: one that runs without it spares nothing.
  bool was_served() const { return head_->served != 0; }
  // A change of chunks [first, last] while it lives: they are dirty in every epoch that it met.
  class Change {
   public:
    Change(VolumeMap& map, std::uint32_t first, std::uint32_t last);
    Change(const Change&) = delete;
    ~Change();
    std::uint32_t epoch() const { return epoch_; }

   private:
    void mark(std::uint32_t epoch);
    VolumeMap& map_;
    const std::uint32_t first_, last_;
    std::uint32_t epoch_;
    std::atomic<std::uint64_t>* note_;
  };

  // --- missing chunks ---

  // Waits until the chunk is there. 0, or EIO when it cannot come.
  int wait_for(std::uint32_t chunk);
  // It is there now, on the disk.
  void filled(std::uint32_t chunk);
  void set_fill_failed(bool failed);
  // Chunks that somebody waits for now.
  std::vector<std::uint32_t> wanted();
  // Whether chunks were filled since the map was last synced by this object.
  int sync_after_fills();
  int sync() { return file_->sync(); }

 private:
  struct Slot {
    std::atomic<std::uint32_t> epoch, failure;
    char snapshot[28];
  };
  Slot* slot_of(const std::string& snapshot) const;
  static constexpr int kNotes = 64;
  struct Head {
    char magic[8];
    std::uint64_t volume_bytes;
    BootId boot;  // in which the dirty bits hold
    std::atomic<std::uint32_t> dirty_unknown, epoch, version, fills, fill_failed, served;
    std::atomic<std::uint32_t> used;  // a bit for each slot
    Slot slots[kSnapshots];
    std::atomic<std::uint64_t> notes[kNotes];   // changes under way: first and last chunk, plus one
    std::atomic<std::uint32_t> wanted[kNotes];  // chunk plus one
  };
  static constexpr std::size_t kHeadBytes = 4096;
  static_assert(sizeof(Head) <= kHeadBytes);

  VolumeMap(std::unique_ptr<MappedFile> file, std::uint32_t chunks);
  static std::uint64_t file_bytes(std::uint32_t chunks);
  static int make(const std::string& path, std::uint64_t volume_bytes,
                  const std::vector<std::uint32_t>& missing, bool dirty_unknown);
  static ChunkBits bits(const MappedFile& file, std::uint32_t chunks, int index);

  std::unique_ptr<MappedFile> file_;
  std::uint32_t chunks_;
  Head* head_;
  ChunkBits missing_;
  std::array<ChunkBits, 2> dirty_;
  std::atomic<std::uint32_t> synced_fills_{0};
};

}  // namespace angophora::sc
