def write_package(questions):
    raise NotImplementedError
