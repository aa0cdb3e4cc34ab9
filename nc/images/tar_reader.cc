#include "nc/images/tar_reader.h"

#include <algorithm>
#include <cstring>

#include "common/base/text.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;

namespace {

// Places in a tar header.
constexpr std::size_t kSizeAt = 124, kChecksumAt = 148, kTypeAt = 156;
constexpr std::size_t kNumberBytes = 12, kChecksumBytes = 8;
constexpr std::size_t kSparseAt = 386, kSparseCount = 4, kSparseMoreAt = 482, kRealSizeAt = 483;
constexpr std::size_t kSparseBlockCount = 21, kSparseBlockMoreAt = 504;
constexpr std::uint64_t kPaxBytesMax = 64 * 1024;
constexpr std::size_t kExtentsMax = 1 << 20;

Error corrupt(const std::string& what) { return {Errc::corrupt, "the image's tar stream " + what}; }

// Octal text, or GNU's base 256 when the first bit is set.
std::optional<std::uint64_t> parse_field(const char* field, std::size_t size) {
  std::uint64_t value = 0;
  if (static_cast<unsigned char>(field[0]) == 0x80) {
    for (std::size_t i = 1; i < size; ++i) {
      if (value >> 55) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(field[i]);
    }
    return value;
  }
  std::size_t i = 0;
  while (i < size && field[i] == ' ') ++i;
  for (; i < size && field[i] >= '0' && field[i] <= '7'; ++i) value = value << 3 | (field[i] - '0');
  if (i < size && field[i] != ' ' && field[i] != '\0') return std::nullopt;
  return value;
}

bool checksum_fits(const char* block, std::size_t size) {
  const auto wanted = parse_field(block + kChecksumAt, kChecksumBytes);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const bool inside = i >= kChecksumAt && i < kChecksumAt + kChecksumBytes;
    sum += inside ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return wanted && *wanted == sum;
}

}  // namespace

TarReader::TarReader(Sink sink, std::uint64_t file_bytes_max)
    : sink_(std::move(sink)), file_bytes_max_(file_bytes_max) {}

Result<> TarReader::push(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::tail) {
    if (state_ == State::data && block_filled_ == 0 && left_ > 0) {
      TRY(const auto taken, take_data(bytes));
      bytes.remove_prefix(taken);
      continue;
    }
    const auto count = std::min(bytes.size(), kBlockBytes - block_filled_);
    std::memcpy(block_.data() + block_filled_, bytes.data(), count);
    block_filled_ += count;
    bytes.remove_prefix(count);
    if (block_filled_ == kBlockBytes) {
      block_filled_ = 0;
      TRY_VOID(take_block());
    }
  }
  return common::ok();
}

Result<> TarReader::take_block() {
  switch (state_) {
    case State::header:
      return take_header();
    case State::sparse_map:
      return take_sparse_block();
    case State::pax:
      pax_.append(block_.data(), std::min<std::uint64_t>(left_, kBlockBytes));
      left_ -= std::min<std::uint64_t>(left_, kBlockBytes);
      return left_ == 0 ? take_pax() : Result<>(common::ok());
    case State::skipped:
      left_ -= std::min<std::uint64_t>(left_, kBlockBytes);
      if (left_ == 0) state_ = State::header;
      return common::ok();
    case State::data:
    case State::tail:
      return common::ok();
  }
  return common::ok();
}

Result<> TarReader::take_header() {
  if (!checksum_fits(block_.data(), kBlockBytes)) return corrupt("has a broken header");
  const auto size = parse_field(block_.data() + kSizeAt, kNumberBytes);
  if (!size) return corrupt("has a size that is no number");
  left_ = *size;
  switch (block_[kTypeAt]) {
    case 'x':
      if (left_ == 0 || left_ > kPaxBytesMax) return corrupt("has an oversized header");
      pax_.clear();
      state_ = State::pax;
      return common::ok();
    case 'g':
    case 'L':
    case 'K':
    case '5':
      if (left_ > kPaxBytesMax) return corrupt("has an oversized header");
      if (left_ > 0) state_ = State::skipped;
      return common::ok();
    case '0':
    case '\0':
    case '7':
    case 'S':
      return take_file_header(pax_size_.value_or(*size));
    default:
      return corrupt("holds something that is not a plain file");
  }
}

Result<> TarReader::take_file_header(std::uint64_t stored_bytes) {
  left_ = stored_bytes_ = stored_bytes;
  if (block_[kTypeAt] != 'S') {
    file_bytes_ = left_;
    extents_ = {{0, left_}};
    return begin_data();
  }
  const auto real = parse_field(block_.data() + kRealSizeAt, kNumberBytes);
  if (!real) return corrupt("has a sparse file without a size");
  file_bytes_ = *real;
  TRY_VOID(add_extents(block_.data() + kSparseAt, kSparseCount));
  if (block_[kSparseMoreAt] == 0) return begin_data();
  state_ = State::sparse_map;
  return common::ok();
}

Result<> TarReader::take_sparse_block() {
  TRY_VOID(add_extents(block_.data(), kSparseBlockCount));
  if (block_[kSparseBlockMoreAt] == 0) return begin_data();
  return common::ok();
}

Result<> TarReader::add_extents(const char* entries, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i, entries += 2 * kNumberBytes) {
    if (entries[0] == 0) return common::ok();
    const auto offset = parse_field(entries, kNumberBytes);
    const auto length = parse_field(entries + kNumberBytes, kNumberBytes);
    if (!offset || !length || extents_.size() >= kExtentsMax)
      return corrupt("has a broken sparse map");
    extents_.push_back({*offset, *length});
  }
  return common::ok();
}

Result<> TarReader::begin_data() {
  if (file_bytes_ > file_bytes_max_)
    return Error(Errc::limit_exceeded, "the image has " + std::to_string(file_bytes_) +
                                           " bytes, more than the " +
                                           std::to_string(file_bytes_max_) + " that are allowed");
  std::uint64_t sum = 0;
  for (const auto& extent : extents_) {
    if (extent.offset > file_bytes_ || extent.length > file_bytes_ - extent.offset)
      return corrupt("has a sparse map that leaves the file");
    sum += extent.length;
  }
  if (sum != stored_bytes_) return corrupt("has a sparse map that does not fit its data");
  state_ = left_ == 0 ? State::tail : State::data;
  return common::ok();
}

Result<std::size_t> TarReader::take_data(std::string_view bytes) {
  while (extent_ < extents_.size() && extents_[extent_].length == extent_done_) {
    ++extent_;
    extent_done_ = 0;
  }
  if (extent_ == extents_.size()) return corrupt("has more data than its sparse map says");
  const auto& extent = extents_[extent_];
  const auto count = std::min<std::uint64_t>({bytes.size(), left_, extent.length - extent_done_});
  TRY_VOID(sink_(extent.offset + extent_done_, bytes.substr(0, count)));
  extent_done_ += count;
  left_ -= count;
  if (left_ == 0) state_ = State::tail;  // padding and end blocks say nothing new
  return static_cast<std::size_t>(count);
}

// Records of "LENGTH KEY=VALUE\n".
Result<> TarReader::take_pax() {
  state_ = State::header;
  std::string_view rest = pax_;
  while (!rest.empty() && rest[0] != '\0') {
    const auto space = rest.find(' ');
    const auto length = space == std::string_view::npos
                            ? std::nullopt
                            : common::parse_number<std::size_t>(rest.substr(0, space));
    if (!length || *length <= space + 1 || *length > rest.size())
      return corrupt("has a broken extended header");
    const auto record = rest.substr(space + 1, *length - space - 2);
    rest.remove_prefix(*length);
    const auto equals = record.find('=');
    const auto key = record.substr(0, equals);
    if (key.starts_with("GNU.sparse"))
      return corrupt("holds a sparse file in pax form; bundle it without --sparse");
    if (key != "size" || equals == std::string_view::npos) continue;
    pax_size_ = common::parse_number<std::uint64_t>(record.substr(equals + 1));
    if (!pax_size_) return corrupt("has a broken extended header");
  }
  return common::ok();
}

Result<std::uint64_t> TarReader::finish() const {
  if (state_ != State::tail) return corrupt("ends too early");
  return file_bytes_;
}

}  // namespace angophora::nc
