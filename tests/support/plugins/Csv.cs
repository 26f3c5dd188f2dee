using System.Globalization;
using Broker.Contracts;
using Broker.Tests.Handlers;
using CsvHelper;

namespace Broker.Tests;

/// <summary>Parses a CSV line; compiled into two DLLs, each with another version of CsvHelper.</summary>
public sealed record CsvLine(string Line) : IJob<string>
{
    public static string Kind => KindSuffix.Of(typeof(CsvLine).Assembly.GetName().Name!.Split('.')[^1].ToLowerInvariant());
}

public sealed class CsvLineHandler : IJobHandler<CsvLine, string>
{
    public Task<string> HandleAsync(CsvLine args, JobContext job)
    {
        using var reader = new StringReader(args.Line);
        using var parser = new CsvParser(reader, CultureInfo.InvariantCulture);
        parser.Read();
        return Task.FromResult($"{string.Join('|', parser.Record ?? [])} {typeof(CsvParser).Assembly.GetName().Version}");
    }
}
