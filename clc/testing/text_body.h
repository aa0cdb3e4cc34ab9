// The body of a request as a text.
#pragma once

#include <string>

#include "common/http/http.h"

namespace angophora::clc::testing {

class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  std::optional<std::uint64_t> length() const override { return text_.size(); }
  common::Task<std::size_t> read(std::span<char> into) override {
    const auto count = text_.copy(into.data(), into.size());
    text_.erase(0, count);
    co_return count;
  }

 private:
  std::string text_;
};

}  // namespace angophora::clc::testing
