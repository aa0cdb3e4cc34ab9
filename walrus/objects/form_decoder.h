// Takes a multipart/form-data body apart while it arrives: the fields in front of the file, then
// the file's bytes. What stands behind the file is not looked at, as S3 has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace angophora::walrus {

using common::Error;
using common::Result;

// The boundary of a Content-Type header; nothing when it is of another kind or has none.
std::optional<std::string> form_boundary(std::string_view content_type);

// One thread at a time. S3Errc::malformed_post_request for what does not read, for too many or too
// large fields; S3Errc::incomplete_body when it ends early.
class FormDecoder {
 public:
  struct Field {
    std::string name;  // lower case
    std::string value;
  };
  struct File {
    std::string name;  // as the browser calls it, without folders
    std::string content_type;
  };
  explicit FormDecoder(std::string boundary);

  // The data of the file in `bytes` are appended to `data`.
  Result<> feed(std::string_view bytes, std::string& data);
  // Call after the last byte.
  Result<> finish() const;

  bool at_file() const { return state_ == State::file || state_ == State::done; }
  bool at_end() const { return state_ == State::done; }
  const std::vector<Field>& fields() const { return fields_; }
  const File& file() const { return file_; }

 private:
  enum class State { preamble, head, value, file, done };
  Result<bool> step(std::string& data);  // false when it takes more bytes
  Result<bool> on_preamble();
  Result<bool> on_head();
  Result<bool> on_value();
  bool on_file(std::string& data);
  Result<> read_head(std::string_view head);

  std::string delimiter_;  // CR LF -- boundary
  State state_ = State::preamble;
  std::string held_;  // not taken apart yet
  std::vector<Field> fields_;
  std::string name_;  // of the field that is being read
  File file_;
  std::size_t field_bytes_ = 0;
};

}  // namespace angophora::walrus
