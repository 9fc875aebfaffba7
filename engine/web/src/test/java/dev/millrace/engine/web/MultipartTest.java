package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartTest {
  private static final String TYPE = "multipart/form-data; boundary=\"Xy-1\"";

  private static Parameters parse(String type, String body) {
    return Multipart.parse(type, body.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsFieldsAndFiles() {
    Parameters form =
        parse(
            "Multipart/Form-Data; charset=utf-8; Boundary=Xy-1",
            """
            --Xy-1
            Content-Disposition: form-data; name="csrf"

            t0ken
            --Xy-1
            Content-Disposition: form-data; name="import"; filename="a.csv"
            Content-Type: text/csv

            été,"--Xy",
            --Xy
            --Xy-1--
            """);

    assertThat(form.first("csrf")).contains("t0ken");
    assertThat(form.first("import")).contains("été,\"--Xy\",\r\n--Xy");
  }

  @Test
  void aFileNameIsNoName() {
    Parameters form =
        parse(
            TYPE,
            "--Xy-1\nContent-Disposition: form-data; filename=\"x\"; name=\"import\"\n\na\n--Xy-1--");

    assertThat(form.first("import")).contains("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--Xy-1",
        "--Xy-1\nContent-Disposition: form-data; name=\"a\"\n\nno end",
        "--Xy-1\nContent-Disposition: form-data; filename=\"name\"\n\na\n--Xy-1--",
        "--Xy-1\nno head\n--Xy-1--"
      })
  void whatIsNoFormIsRefused(String body) {
    assertThatThrownBy(() -> parse(TYPE, body)).isInstanceOf(PageException.class);
  }

  @Test
  void withoutABoundaryItIsRefused() {
    assertThatThrownBy(() -> parse("multipart/form-data", ""))
        .isInstanceOf(PageException.class)
        .hasMessageContaining("does not say what divides them");
  }
}
