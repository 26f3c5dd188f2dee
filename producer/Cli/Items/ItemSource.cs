using System.Runtime.CompilerServices;
using System.Text;
using Broker.Contracts;

namespace Broker.Producer.Cli.Items;

/// <summary>A command's items: from its arguments, from the lines of a file or standard input, or whole files.</summary>
internal sealed class ItemSource
{
    private readonly Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> _read;

    private ItemSource(string name, long? count, Func<CancellationToken, IAsyncEnumerable<ReadOnlyMemory<byte>>> read)
    {
        Name = name;
        Count = count;
        _read = read;
    }

    /// <summary>The source's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The number of items, if known before reading.</summary>
    public long? Count { get; }

    /// <param name="arguments">Items on the command line.</param>
    /// <param name="lines">A file with one item a line, or <c>-</c>.</param>
    /// <param name="files">Files, each of which is one item.</param>
    /// <exception cref="InvalidConfigurationException">None of the three, or more than one, or a file that cannot be read.</exception>
    public static ItemSource Choose(IReadOnlyList<string> arguments, string? lines, IReadOnlyList<string> files)
    {
        var given = (arguments.Count > 0 ? 1 : 0) + (lines is null ? 0 : 1) + (files.Count > 0 ? 1 : 0);
        if (given > 1)
            throw new InvalidConfigurationException("items come from arguments, from -f or from --files: give one of them");
        if (files.Count > 0)
            return OfFiles(files);
        if (lines is not null)
            return OfLines(lines);
        if (arguments.Count > 0)
            return OfArguments(arguments);
        throw new InvalidConfigurationException("no items: give them as arguments, or one per line with -f FILE (-f - reads standard input)");
    }

    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) => _read(cancellationToken);

    private static ItemSource OfArguments(IReadOnlyList<string> arguments)
    {
        return new ItemSource("the command line", arguments.Count, _ => Read());

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Read()
        {
            await Task.CompletedTask;
            foreach (var argument in arguments)
                yield return ItemText.ToJson(argument);
        }
    }

    private static ItemSource OfLines(string file)
    {
        if (file == "-")
            return new ItemSource("standard input", null, token => LineReader.ReadAsync(Console.OpenStandardInput(), token));
        using (Open(file))
        {
            // Opened once beforehand: a missing file is an error before anything is sent.
        }

        return new ItemSource(file, null, token => LineReader.ReadAsync(Open(file), token));
    }

    private static ItemSource OfFiles(IReadOnlyList<string> files)
    {
        foreach (var file in files)
        {
            using var probe = Open(file);
        }

        return new ItemSource($"{files.Count} files", files.Count, Read);

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Read([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var file in files)
            {
                // The unchanged text, including a byte order mark; invalid UTF-8 becomes U+FFFD.
                yield return ItemText.Quote(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file, cancellationToken)));
            }
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file"
                : Directory.Exists(file) ? "this is a folder: name the files in it" : e.Message;
            throw new InvalidConfigurationException($"{file}: {why}", e);
        }
    }
}
