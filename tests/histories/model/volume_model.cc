#include "tests/histories/model/volume_model.h"

#include <algorithm>
#include <set>

namespace angophora::histories {
namespace {

using common::Errc;

std::string said(const std::optional<Stamp>& stamp) {
  return stamp ? to_string(*stamp) : std::string("zeros");
}

}  // namespace

Stamp VolumeModel::send(std::uint32_t block, std::int64_t epoch, Tick now) {
  auto& writes = writes_[block];
  Write write;
  write.stamp = {number_, epoch, block, writes.size() + 1};
  write.sent = now;
  writes.push_back(write);
  return write.stamp;
}

void VolumeModel::answered(std::uint32_t block, Tick now) {
  writes_.at(block).back().answered = now;
}

Result<int> VolumeModel::find(std::uint32_t block, const std::optional<Stamp>& stamp) const {
  if (!stamp || stamp->volume != number_) return -1;
  const auto at = writes_.find(block);
  if (at == writes_.end() || stamp->sequence == 0 || stamp->sequence > at->second.size() ||
      at->second[stamp->sequence - 1].stamp != *stamp)
    return Error(Errc::corrupt, "block " + std::to_string(block) + " of volume " +
                                    std::to_string(number_) + " holds " + said(stamp));
  return static_cast<int>(stamp->sequence) - 1;
}

Result<> VolumeModel::check_source(std::uint32_t block, std::string_view bytes) {
  if (source_) return source_->check(block, bytes);
  TRY(const auto stamp, read_block(bytes));
  if (!stamp) return common::ok();
  return Error(Errc::corrupt, "block " + std::to_string(block) + " of volume " +
                                  std::to_string(number_) + " holds " + said(stamp) +
                                  " of another volume");
}

Result<> VolumeModel::check(std::uint32_t block, std::string_view bytes, Tick now) {
  TRY(const auto stamp, read_block(bytes));
  TRY(const int held, find(block, stamp));
  static std::vector<Write> none;
  const auto at = writes_.find(block);
  auto& writes = at == writes_.end() ? none : at->second;
  for (int i = static_cast<int>(writes.size()) - 1; i > held; --i)
    if (writes[static_cast<std::size_t>(i)].answered != kNever)
      return Error(Errc::corrupt, "block " + std::to_string(block) + " of volume " +
                                      std::to_string(number_) + " holds " + said(stamp) +
                                      ", but this was answered: " +
                                      to_string(writes[static_cast<std::size_t>(i)].stamp));
  if (held < 0) {
    TRY_VOID(check_source(block, bytes));
  } else {
    auto& write = writes[static_cast<std::size_t>(held)];
    if (write.never_came)
      return Error(Errc::corrupt, "this came when it was over: " + to_string(write.stamp));
    write.answered = std::min(write.answered, now);
  }
  for (auto i = static_cast<std::size_t>(held + 1); i < writes.size(); ++i)
    writes[i].never_came = true;
  return common::ok();
}

std::vector<std::uint32_t> VolumeModel::blocks() const {
  std::set<std::uint32_t> all;
  for (const auto& [block, writes] : writes_) all.insert(block);
  if (source_)
    for (const auto block : source_->blocks()) all.insert(block);
  return {all.begin(), all.end()};
}

Result<> SnapshotModel::check(std::uint32_t block, std::string_view bytes) {
  TRY(const auto stamp, read_block(bytes));
  const auto [before, fresh] = seen_.emplace(block, stamp);
  if (!fresh && before->second != stamp)
    return Error(Errc::corrupt, "block " + std::to_string(block) + " of a snapshot held " +
                                    said(before->second) + " and now " + said(stamp));
  TRY(const int held, of_->find(block, stamp));
  const auto at = of_->writes_.find(block);
  if (held < 0) {
    TRY_VOID(of_->check_source(block, bytes));
  } else {
    const auto& write = at->second[static_cast<std::size_t>(held)];
    if (write.never_came)
      return Error(Errc::corrupt, "a snapshot has what never came: " + to_string(write.stamp));
    low_ = std::max(low_, write.sent);
  }
  if (at != of_->writes_.end())
    for (auto i = static_cast<std::size_t>(held + 1); i < at->second.size(); ++i)
      high_ = std::min(high_, at->second[i].answered);
  if (low_ <= high_) return common::ok();
  return Error(Errc::corrupt, "a snapshot is no point in time: block " + std::to_string(block) +
                                  " holds " + said(stamp) + ", which was between " +
                                  std::to_string(low_) + " and " + std::to_string(high_));
}

}  // namespace angophora::histories
