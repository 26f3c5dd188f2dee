using System.Text;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_outcomes_are_written : IDisposable
{
    private readonly OutcomeWriter _writer = new();

    public void Dispose() => _writer.Dispose();

    [Fact]
    public void Values_and_failures_are_in_item_order()
    {
        Succeed("1");
        _writer.BeginItem();
        _writer.Fail("type", "message", "stack", retryable: true);
        Succeed("{\"a\":2}");
        var (values, count, failures) = _writer.Take();
        Assert.Equal("[1,null,{\"a\":2}]", Encoding.UTF8.GetString(values.Utf8.Span));
        Assert.Equal(3, count);
        var failure = Assert.Single(failures!);
        Assert.Equal((1, "type", "message", "stack", true), (failure.Offset, failure.Type, failure.Message, failure.StackTrace, failure.Retryable));
    }

    [Fact]
    public void A_partial_result_of_a_failed_item_is_dropped()
    {
        var json = _writer.BeginItem();
        json.WriteStartObject();
        json.WriteString("half", "written");
        _writer.Fail("type", "message", null, retryable: false);
        Succeed("2");
        Assert.Equal("[null,2]", Encoding.UTF8.GetString(_writer.Take().Values.Utf8.Span));
    }

    [Fact]
    public void An_abandoned_handler_cannot_write_into_another_result()
    {
        var abandoned = _writer.BeginItem();
        _writer.Abandon();
        _writer.Fail("timed-out", "message", null, retryable: true);
        _writer.BeginItem().WriteNumberValue(2);
        abandoned.WriteStringValue("late");
        abandoned.Flush();
        _writer.Succeed();
        Assert.Equal("[null,2]", Encoding.UTF8.GetString(_writer.Take().Values.Utf8.Span));
    }

    [Fact]
    public void A_part_is_full_at_one_megabyte_and_the_next_starts_empty()
    {
        Assert.True(_writer.IsEmpty);
        Succeed($"\"{new string('x', 1024 * 1024)}\"");
        Assert.True(_writer.IsFull);
        Assert.Equal(1, _writer.Take().Count);
        Assert.True(_writer.IsEmpty);
        Assert.False(_writer.IsFull);
        _writer.BeginItem();
        _writer.Fail("type", "message", null, retryable: false);
        var (values, count, failures) = _writer.Take();
        Assert.Equal(("[null]", 1, 0), (Encoding.UTF8.GetString(values.Utf8.Span), count, failures![0].Offset));
    }

    [Fact]
    public void Failures_also_fill_a_part()
    {
        var written = 0;
        while (!_writer.IsFull && written < 1000)
        {
            _writer.BeginItem();
            _writer.Fail("type", new string('m', 4096), null, retryable: false);
            written++;
        }

        Assert.InRange(written, 2, 300);
    }

    private void Succeed(string json)
    {
        _writer.BeginItem().WriteRawValue(json);
        _writer.Succeed();
    }
}
