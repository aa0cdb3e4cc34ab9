// What the blocks of volumes and snapshots may hold, judged from when each write was sent and when
// it was answered.
//
// A write that was answered must be there from then on. One that was not may be there or not, until
// the block is seen: what is not there then must never come. A snapshot is one point in time: there
// is an instant, between its order and the answer to it, so that it has all that was answered
// before and nothing that was sent after.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/histories/model/block.h"

namespace angophora::histories {

// Counts what happens in one history.
using Tick = std::uint64_t;
inline constexpr Tick kNever = ~Tick{0};

class SnapshotModel;

class VolumeModel {
 public:
  // `source` is what the volume was made from; null: from nothing.
  VolumeModel(std::uint64_t number, std::shared_ptr<SnapshotModel> source)
      : number_(number), source_(std::move(source)) {}

  // The next write to a block, one at a time for each block; what it writes.
  Stamp send(std::uint32_t block, std::int64_t epoch, Tick now);
  // The last one sent was answered. Not called when nobody knows whether it arrived.
  void answered(std::uint32_t block, Tick now);

  // The block was read while nothing was under way.
  Result<> check(std::uint32_t block, std::string_view bytes, Tick now);

  std::vector<std::uint32_t> blocks() const;  // that were written, here or in what it was made from
  std::uint64_t number() const { return number_; }

 private:
  friend class SnapshotModel;
  struct Write {
    Stamp stamp;
    Tick sent = 0, answered = kNever;
    bool never_came = false;
  };
  // The index of the write that the block holds; -1 when it is what the source has.
  Result<int> find(std::uint32_t block, const std::optional<Stamp>& stamp) const;
  Result<> check_source(std::uint32_t block, std::string_view bytes);

  const std::uint64_t number_;
  const std::shared_ptr<SnapshotModel> source_;
  std::map<std::uint32_t, std::vector<Write>> writes_;
};

class SnapshotModel {
 public:
  SnapshotModel(std::shared_ptr<VolumeModel> of, Tick ordered)
      : of_(std::move(of)), low_(ordered) {}
  // Its point in time was taken before this.
  void answered(Tick now) { high_ = now; }

  // A block of it, however it was read.
  Result<> check(std::uint32_t block, std::string_view bytes);
  std::vector<std::uint32_t> blocks() const { return of_->blocks(); }

 private:
  const std::shared_ptr<VolumeModel> of_;
  Tick low_, high_ = kNever;  // the instant lies between
  std::map<std::uint32_t, std::optional<Stamp>> seen_;
};

}  // namespace angophora::histories
