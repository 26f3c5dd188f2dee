using Broker.Contracts;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Items;

/// <summary>A file with items; <c>-</c> is standard input. A pipe can be opened once only, and opening one waits until somebody writes to it.</summary>
internal static class ItemFile
{
    private const string StandardInput = "-";

    /// <summary>The file's name in messages.</summary>
    public static string NameOf(string file) => file == StandardInput ? "standard input" : file;

    /// <summary>The bytes to be read; null where that is not known.</summary>
    public static long? LengthOf(string file) => file != StandardInput && new FileInfo(file) is { Exists: true, Length: > 0 } known ? known.Length : null;

    /// <summary>A missing file is an error before anything is sent. It is not opened for that.</summary>
    /// <exception cref="InvalidConfigurationException">There is no such file.</exception>
    public static void Require(string file)
    {
        if (file == StandardInput)
        {
            if (!StandardStreams.InputIsOpen)
                throw new InvalidConfigurationException("standard input is closed");
        }
        else if (Directory.Exists(file))
        {
            throw new InvalidConfigurationException($"{file}: this is a folder: name the files in it");
        }
        else if (!File.Exists(file))
        {
            throw new InvalidConfigurationException($"{file}: there is no such file");
        }
    }

    /// <exception cref="InvalidConfigurationException">The file cannot be read.</exception>
    public static async Task<Stream> OpenAsync(string file, CancellationToken cancellationToken)
    {
        if (file == StandardInput)
            return Console.OpenStandardInput();
        // On a thread that is left behind on cancellation: open(2) of a pipe cannot be interrupted.
        return await Task.Run(() => Open(file), CancellationToken.None).WaitAsync(cancellationToken);
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException($"{file}: {e.Message}", e);
        }
    }
}
