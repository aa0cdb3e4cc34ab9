# Generates C++ types, parsers and serialisers from the contracts:
#   cmake -DWSDL2H=... -DSOAPCPP2=... -DIN=<this folder> -DOUT=<folder> -P generate.cmake
# Leaves OUT/soapStub.h (the types), OUT/soapH.h, OUT/soapC.cpp and OUT/namespaces.inc.

file(REMOVE_RECURSE ${OUT})
file(MAKE_DIRECTORY ${OUT})

function(run)
  execute_process(COMMAND ${ARGV} WORKING_DIRECTORY ${IN} RESULT_VARIABLE status
                  OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(status OR text MATCHES "error:|\\*WARNING\\*|Cannot open")
    message(FATAL_ERROR "${ARGV}:\n${text}")
  endif()
endfunction()

# types.xsd comes first so that each class stands before its first use as a member.
run(${WSDL2H} -c++17 -P -O3 -L -W -t ${IN}/typemap.dat -o ${OUT}/services.h
    types.xsd cloud.wsdl cluster.wsdl node.wsdl storage.wsdl walrus.wsdl)

# wsdl2h makes every member of class type a pointer and gives each class a pointer to the gSOAP
# context that made it. Both go: a message is then a plain value that copies freely, a required
# element a member, an optional one a std::optional, a repeated one a std::vector of values.
file(READ ${OUT}/services.h header)
string(REGEX REPLACE "std::vector<std::shared_ptr<([a-z]+__[A-Za-z0-9_]+)> >" "std::vector<\\1>"
       header "${header}")
string(REGEX REPLACE "std::shared_ptr<([a-z]+__[A-Za-z0-9_]+)>( +[A-Za-z]+ +1;)" "\\1\\2"
       header "${header}")
string(REGEX REPLACE "std::shared_ptr<([a-z]+__[A-Za-z0-9_]+)>( +[A-Za-z]+ +0;)"
       "std::optional<\\1>\\2" header "${header}")
string(REGEX REPLACE "\n *struct soap +\\*soap +;" "" header "${header}")
if(header MATCHES "\n +std::shared_ptr<|\n +struct soap +\\*soap")
  message(FATAL_ERROR "${OUT}/services.h still has members that are pointers")
endif()
file(WRITE ${OUT}/services.h "${header}")

run(${SOAPCPP2} -c++17 -1 -L -x -w -C -S -I/usr/share/gsoap/import -d${OUT} ${OUT}/services.h)

# Any one of the namespace tables holds all namespaces.
file(COPY_FILE ${OUT}/NodeBinding.nsmap ${OUT}/namespaces.inc)
