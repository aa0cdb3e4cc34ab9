// The one file inside a bundle's tar stream, which arrives in pieces. Knows ustar, GNU and pax
// headers, and GNU's sparse files (Amazon's bundling makes them). Everything in it is a user's:
// sizes are bounded, names are ignored.
//
// Errors: Errc::corrupt for what is no such tar stream, Errc::limit_exceeded for a file larger
// than allowed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::nc {

class TarReader {
 public:
  using Sink = std::function<common::Result<>(std::uint64_t offset, std::string_view bytes)>;

  // `sink` gets the file's bytes; what is not given to it is zero.
  TarReader(Sink sink, std::uint64_t file_bytes_max);

  common::Result<> push(std::string_view bytes);
  // The size of the file. Errc::corrupt when the stream ended too early.
  common::Result<std::uint64_t> finish() const;

 private:
  static constexpr std::size_t kBlockBytes = 512;
  using Block = std::array<char, kBlockBytes>;
  enum class State { header, pax, skipped, sparse_map, data, tail };
  struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  common::Result<> take_block();
  common::Result<> take_header();
  common::Result<> take_file_header(std::uint64_t stored_bytes);
  common::Result<> take_sparse_block();
  common::Result<> begin_data();
  common::Result<> take_pax();
  common::Result<> add_extents(const char* entries, std::size_t count);
  common::Result<std::size_t> take_data(std::string_view bytes);

  const Sink sink_;
  const std::uint64_t file_bytes_max_;
  State state_ = State::header;
  Block block_{};
  std::size_t block_filled_ = 0;
  std::uint64_t left_ = 0;  // bytes of the present member that are still to come
  std::string pax_;
  std::optional<std::uint64_t> pax_size_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t stored_bytes_ = 0;
  std::vector<Extent> extents_;
  std::size_t extent_ = 0;  // the one being filled
  std::uint64_t extent_done_ = 0;
};

}  // namespace angophora::nc
