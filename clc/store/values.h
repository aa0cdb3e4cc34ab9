// Binds the values of a long row one after the other.
#pragma once

#include "common/db/database.h"

namespace angophora::clc {

class Values {
 public:
  explicit Values(db::Query& query) : query_(query) {}
  template <class T>
  Values& next(const T& value) {
    query_.bind(++index_, value);
    return *this;
  }
  Values& blob(std::string_view bytes) {
    query_.bind_blob(++index_, bytes);
    return *this;
  }

 private:
  db::Query& query_;
  int index_ = 0;
};

}  // namespace angophora::clc
