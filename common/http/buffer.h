// Bytes that were read and are not used yet. One reader appends, one consumer takes from the front.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace angophora::http {

class Buffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Room for at least `count` more bytes behind what is there.
  std::span<char> prepare(std::size_t count) {
    if (empty()) begin_ = end_ = 0;
    if (capacity_ - end_ < count) make_room(count);
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) { end_ += count; }
  void consume(std::size_t count) { begin_ += count; }
  // Gives the memory back when there is much of it and nothing in it.
  void shrink() {
    if (!empty() || capacity_ <= kSmall) return;
    bytes_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  static constexpr std::size_t kSmall = 16 * 1024;

  void make_room(std::size_t count) {
    const std::size_t used = size();
    if (capacity_ - used >= count && begin_ >= used) {
      std::memcpy(bytes_.get(), bytes_.get() + begin_, used);
    } else {
      capacity_ = std::max(used + count, 2 * used);
      std::unique_ptr<char[]> larger(new char[capacity_]);
      if (used) std::memcpy(larger.get(), bytes_.get() + begin_, used);
      bytes_ = std::move(larger);
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace angophora::http
