using System.Globalization;
using Broker.Contracts;
using Broker.Tests.Handlers;
using Serilog;

namespace Broker.Tests.Serilog;

/// <summary>Writes with the Serilog beside this DLL, not with the consumer's.</summary>
public sealed record Written(string Text) : IJob<string>
{
    public static string Kind => KindSuffix.Of("written");
}

public sealed class WrittenHandler : IJobHandler<Written, string>
{
    public Task<string> HandleAsync(Written args, JobContext job)
    {
        var lines = new Lines();
        using var log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger();
        log.Information("wrote {Text:l}", args.Text);
        return Task.FromResult($"{lines.Last} {typeof(Log).Assembly.GetName().Version}");
    }

    private sealed class Lines : global::Serilog.Core.ILogEventSink
    {
        public string Last { get; private set; } = "";

        public void Emit(global::Serilog.Events.LogEvent logEvent) => Last = logEvent.RenderMessage(CultureInfo.InvariantCulture);
    }
}
