using System.Text.Json;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_failures_are_large : IDisposable
{
    private readonly OutcomeWriter _writer = new();

    public void Dispose() => _writer.Dispose();

    [Fact]
    public void Many_failures_with_long_stacks_stay_below_the_message_limit()
    {
        while (!_writer.IsFull)
        {
            _writer.BeginItem();
            _writer.Fail("Some.Exception.Type", new string('m', 2000), new string('s', 20_000), retryable: false);
        }

        Assert.True(JsonSerializer.SerializeToUtf8Bytes(_writer.Take().Failures).Length < Bus.MessageSender.MaxBodyBytes);
    }
}
