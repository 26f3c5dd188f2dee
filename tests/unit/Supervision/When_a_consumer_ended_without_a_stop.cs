using Broker.Consumer.Supervision;
using Broker.Contracts;
using Broker.Logging.Events;
using Broker.Telemetry;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Unit.Supervision;

public sealed class When_a_consumer_ended_without_a_stop : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ProcessFields _process = new(new ProcessIdentity("c2", 11, "living"), "broker-consumer");
    private readonly Crashes _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_next_one_logs_the_crash_once()
    {
        _folder.Write("c1-7-1.json", """{"Pid":7,"Host":"c1","Name":"worker","EntityId":"c1-7-1","Started":"2026-01-02T03:04:05+00:00"}""");
        _folder.Write("c1-8-1.json", "");
        Leave(_log)!.Dispose();
        Leave(_log)!.Dispose();
        var crash = Assert.Single(_log.Messages);
        Assert.StartsWith("consumer process 7 on c1 (worker, c1-7-1), started 2026-01-02T03:04:05", crash, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void One_that_lives_is_not_reported()
    {
        using var living = Leave(_log);
        using var next = LifeMark.Leave(_folder.Path, new ProcessFields(new ProcessIdentity("c2", 12, "next"), "broker-consumer"), TimeProvider.System, _log);
        Assert.NotNull(next);
        Assert.Equal((0, 2), (_log.Messages.Count, Directory.GetFiles(_folder.Path).Length));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_no_error() =>
        Assert.Null(LifeMark.Leave(Path.Combine(_folder.Write("file", ""), "alive"), _process, TimeProvider.System, _log));

    private LifeMark? Leave(ILogger log) => LifeMark.Leave(_folder.Path, _process, TimeProvider.System, log);

    private sealed class Crashes : ILogger
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId == EventActions.ProcessCrashed)
                Messages.Add(formatter(state, exception));
        }
    }
}
